"""The journal of sign-outs that the store did not confirm."""

from __future__ import annotations

import logging
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import nightlatch.journal
from nightlatch.errors import StoreUnavailable
from nightlatch.journal import AT_ONCE, KEEP_MS, MAX_BYTES, Journal, Noted
from nightlatch.token import Token, mint

NOW = 1_767_603_600_000


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "kept" / "sign-outs.log")


def note(journal: Journal, token: Token | None = None, at: int = NOW) -> Token:
    token = token or mint()
    assert journal.note(token.sid, token.hash, now=at)
    return token


def replayed(journal: Journal, now: int = NOW) -> list[str]:
    """The sids that a replay ends."""
    ended: list[str] = []
    journal.replay(lambda noted: ended.append(noted.sid), now=now)
    return ended


def test_kept_until_it_is_done(journal: Journal) -> None:
    """A sign-out is carried out once, in order, and then the file is empty."""
    assert not journal.pending()
    tokens = [note(journal) for _ in range(3)]
    assert journal.pending()

    assert replayed(journal) == [token.sid for token in tokens]

    assert not journal.pending()
    assert replayed(journal) == []
    assert journal.path.stat().st_size == 0


def test_what_it_holds(journal: Journal) -> None:
    """Handle, hash and time; the owner alone may read it, and no secret is in it."""
    before = os.umask(0)
    try:
        token = note(journal)
    finally:
        os.umask(before)

    text = journal.path.read_text()
    assert text == f"out {token.sid} {token.hash.hex()} {NOW}\n"
    assert token.secret not in text
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert token.hash.hex() not in repr(Noted(token.sid, token.hash, NOW))


def test_holds(journal: Journal) -> None:
    """It knows a session by handle and secret: the handle alone says nothing."""
    token = note(journal)

    assert journal.holds(token.sid, token.hash) == NOW
    assert journal.holds(token.sid, token.hash) == NOW
    assert journal.holds(token.sid, mint().hash) is None
    replayed(journal)
    assert journal.holds(token.sid, token.hash) is None


def test_noted_twice(journal: Journal) -> None:
    """Pressing again changes nothing, and the first time counts."""
    token = note(journal)
    size = journal.path.stat().st_size

    note(journal, token, NOW + 1)

    assert journal.path.stat().st_size == size
    assert journal.holds(token.sid, token.hash) == NOW


def test_the_store_goes_away_again(journal: Journal) -> None:
    """What was done before is crossed out, the rest stays; another process sees the same."""
    tokens = [note(journal) for _ in range(3)]
    ended: list[str] = []

    def end(noted: Noted) -> None:
        if len(ended) == 2:
            raise StoreUnavailable("end", "the line is cut")
        ended.append(noted.sid)

    with pytest.raises(StoreUnavailable):
        journal.replay(end, now=NOW)

    other = Journal(journal.path)
    assert [other.holds(token.sid, token.hash) for token in tokens] == [None, None, NOW]
    assert replayed(other) == [tokens[2].sid]
    assert not journal.pending()


def test_some_at_a_time(journal: Journal) -> None:
    """The first request after an outage is not kept for long."""
    for _ in range(AT_ONCE + 1):
        note(journal)

    assert len(replayed(journal)) == AT_ONCE
    assert len(replayed(journal)) == 1
    assert not journal.pending()


def test_too_old(journal: Journal) -> None:
    """After a day the limits have ended it anyway: forgotten without asking the store."""
    note(journal)

    assert replayed(journal, NOW + KEEP_MS) == []

    assert not journal.pending()


def test_half_a_line(journal: Journal) -> None:
    """What a process that was killed, or a full disk, left behind spoils no other line."""
    first = note(journal)
    with journal.path.open("ab") as file:
        file.write(b"out 0123")

    second = note(journal)

    assert replayed(journal) == [first.sid, second.sid]
    assert not journal.pending()


def test_garbage(journal: Journal) -> None:
    """A file of something else holds no sign-outs, and the next replay empties it."""
    journal.path.parent.mkdir()
    journal.path.write_bytes(b"\xff\x00nonsense\nout x y z\n")

    assert journal.holds("0" * 32, b"x") is None
    assert replayed(journal) == []
    assert not journal.pending()


def test_full(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    """Invented cookies cannot fill the disk; that a sign-out was not kept is said and logged."""
    note(journal)
    with journal.path.open("ab") as file:
        file.truncate(MAX_BYTES)
    token = mint()

    assert not journal.note(token.sid, token.hash, now=NOW)

    assert "is full" in caplog.text
    assert token.sid in caplog.text
    assert token.secret not in caplog.text


@pytest.mark.parametrize("obstacle", ["a folder in its place", "a file in its folder's place"])
def test_no_place_for_it(tmp_path: Path, obstacle: str, caplog: pytest.LogCaptureFixture) -> None:
    """It fails no request: the caller is told that nothing was kept."""
    path = tmp_path / "folder" / "sign-outs.log"
    if obstacle.startswith("a folder"):
        path.mkdir(parents=True)
    else:
        path.parent.touch()
    journal = Journal(path)
    token = mint()

    with caplog.at_level(logging.ERROR):
        assert not journal.note(token.sid, token.hash, now=NOW)

    assert token.sid in caplog.text
    assert journal.holds(token.sid, token.hash) is None
    assert replayed(journal) == []


def test_a_disk_that_takes_half(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line written is a sign-out not kept."""
    write = os.write
    monkeypatch.setattr(nightlatch.journal.os, "write", lambda fd, text: write(fd, text[:9]))

    assert not journal.note("0" * 32, bytes(32), now=NOW)

    monkeypatch.undo()
    assert replayed(journal) == []


def test_a_system_without_flock(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it works without."""
    monkeypatch.setattr(nightlatch.journal, "fcntl", None)
    token = note(journal)

    assert replayed(journal) == [token.sid]


def test_threads_lose_nothing(journal: Journal) -> None:
    """While eight threads note sign-outs and one replays, each is ended at least once."""
    ended: list[str] = []
    tokens = [[mint() for _ in range(25)] for _ in range(8)]

    def keep(some: list[Token]) -> None:
        for token in some:
            note(journal, token)

    threads = [threading.Thread(target=keep, args=(some,)) for some in tokens]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or journal.pending():
        ended += replayed(journal)

    assert set(ended) == {token.sid for some in tokens for token in some}


WRITER = """
import sys
from nightlatch.journal import Journal
from nightlatch.token import mint
journal = Journal(sys.argv[1])
while True:
    token = mint()
    assert journal.note(token.sid, token.hash, now=1_767_603_600_000)
    print(token.sid, flush=True)
"""


@pytest.mark.process
def test_killed_processes_lose_nothing(journal: Journal) -> None:
    """Three processes are killed while they write: whatever they were told is kept, is kept."""
    command = [sys.executable, "-c", WRITER, str(journal.path)]
    writers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(3)
    ]
    told: list[str] = []
    for writer in writers:
        assert writer.stdout is not None
        told += [writer.stdout.readline().strip() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
    for writer in writers:
        assert writer.stdout is not None
        # The last one may be half a word.
        told += writer.stdout.read().split("\n")[:-1]
        writer.stdout.close()
        writer.wait(30)

    ended: list[str] = []
    while journal.pending():
        ended += replayed(journal)

    assert set(told) - set(ended) == set()
    assert len(told) >= 60
