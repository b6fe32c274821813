"""The file: whole lines, one chain, whoever writes, and every change of it is found."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from bank.audit import chain as chain_module
from bank.audit.chain import RECOVERED, Chain, seal
from bank.audit.events import AuditEvent
from bank.audit.keys import Keys, id_of
from bank.audit.rows import AuditRow
from bank.audit.verify import MAX_FAULTS, Finding, verify


def write(chain: Chain, count: int, name: str = "session_created:1") -> list[AuditRow]:
    """Append events; return the row of each, as the database would have it."""
    written = [
        chain.append(AuditEvent(name, 1_000, agent="O’Connor\x7f\r\n")) for _ in range(count)
    ]
    return [
        AuditRow(seq=one.seq, at_ms=1_000, event=name, level="INFO", line=one.line, hash=one.hash)
        for one in written
    ]


def in_another_process(home: Path, count: int) -> None:
    write(Chain(home, Keys(home)), count)


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain(tmp_path, Keys(tmp_path))


def lines_of(chain: Chain) -> list[bytes]:
    return chain.path.read_bytes().splitlines(keepends=True)


def put(chain: Chain, lines: list[bytes]) -> None:
    chain.path.write_bytes(b"".join(lines))


def test_an_event_is_one_line_of_ascii_that_any_program_reads(chain: Chain) -> None:
    """Names come back as they were; nothing in them ends a line or commands a terminal."""
    write(chain, 1)

    (raw,) = lines_of(chain)
    assert raw.isascii()
    assert all(byte >= 0x20 and byte != 0x7F for byte in raw[:-1])
    fields = json.loads(raw)
    assert fields["agent"] == "O’Connor\x7f\r\n"
    assert fields["datetime"] == "1970-01-01T00:00:01.000Z"
    assert (fields["seq"], fields["prev"], len(fields["hash"])) == (1, "0" * 64, 64)


def test_the_file_is_its_owners_alone(chain: Chain) -> None:
    """Nobody else may read who signs in when."""
    write(chain, 1)

    assert chain.path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_not_followed(chain: Chain, tmp_path: Path) -> None:
    """Whoever can make a link in the folder cannot have us write somewhere else."""
    (tmp_path / "elsewhere").write_text("")
    chain.path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic links"):
        write(chain, 1)

    assert (tmp_path / "elsewhere").read_text() == ""


def test_an_untouched_file_is_found_good(chain: Chain) -> None:
    """With and without the rows of a database; a file that is not there yet as well."""
    empty = verify(chain)
    rows = write(chain, 5)

    report = verify(chain, rows)

    assert (empty.ok, empty.lines, empty.rows) == (True, 0, None)
    assert (report.ok, report.lines, report.rows, report.first_bad_line) == (True, 5, 5, None)


def test_every_single_byte_is_sealed(chain: Chain) -> None:
    """One byte changed anywhere is found, and its line is the first that is named."""
    write(chain, 3)
    good = chain.path.read_bytes()

    missed = []
    for position in range(len(good)):
        changed = bytearray(good)
        changed[position] ^= 1
        chain.path.write_bytes(changed)
        if verify(chain).first_bad_line != good[:position].count(b"\n") + 1:
            missed.append(position)

    assert missed == []


def test_a_file_written_anew_by_whoever_has_not_the_key_is_found(
    chain: Chain, tmp_path: Path
) -> None:
    """Its lines fit each other, and are sealed with a key that the bank does not have."""
    (tmp_path / "elsewhere").mkdir()
    stranger = Chain(tmp_path / "elsewhere", Keys(tmp_path / "elsewhere"))
    write(chain, 2)
    write(stranger, 2)
    its_key = id_of(stranger.keys.current())
    chain.path.write_bytes(stranger.path.read_bytes())

    report = verify(chain)

    assert report.faults == (
        Finding(
            1,
            f"is sealed with the key {its_key}, which is not in the bank's folder, as are 2 lines "
            "in all",
        ),
    )


def test_a_line_that_claims_our_key_and_has_not_its_seal_is_found(chain: Chain) -> None:
    """Naming the right key helps nobody who does not have it."""
    write(chain, 1)
    body = lines_of(chain)[0].partition(b',"hash"')[0].replace(b"created:1", b"created:2")
    put(chain, [body + b',"hash":"' + seal(b"a guess", body).encode() + b'"}\n'])

    assert verify(chain).faults == (Finding(1, "was changed: its seal does not fit"),)


def test_a_line_without_a_key_is_found(chain: Chain) -> None:
    """Taking the name of the key away does not take the need for it away."""
    body = b'{"seq":1,"event":"x","prev":"' + b"0" * 64 + b'"'
    sealed = seal(chain.keys.current(), body).encode()
    put(chain, [body + b',"hash":"' + sealed + b'"}\n'])

    assert verify(chain).faults == (Finding(1, "was changed: its seal does not fit"),)


@pytest.mark.parametrize(
    ("order", "bad"),
    [
        ([1, 2, 3, 4], 1),
        ([0, 2, 3, 4], 2),
        ([0, 1, 3, 2, 4], 3),
        ([0, 1, 1, 2, 3, 4], 3),
        ([4], 1),
    ],
    ids=["first removed", "one removed", "two changed about", "one twice", "only the last"],
)
def test_a_line_that_is_removed_moved_or_repeated_is_found(
    chain: Chain, order: list[int], bad: int
) -> None:
    """The place is named where the chain no longer fits."""
    rows = write(chain, 5)
    lines = lines_of(chain)
    put(chain, [lines[number] for number in order])

    report = verify(chain)

    assert report.first_bad_line == bad == verify(chain, rows).first_bad_line
    assert "removed" in report.faults[0].what


def test_lines_of_another_chain_with_the_same_numbers_are_found(
    chain: Chain, tmp_path: Path
) -> None:
    """Genuine lines of an older file, put in the place of these, do not follow from them."""
    write(chain, 3)
    old = lines_of(chain)
    chain.path.unlink()
    rows = write(chain, 3, "authn_login_fail:1")
    put(chain, [lines_of(chain)[0], *old[1:]])

    report = verify(chain, rows)

    assert report.faults[0] == Finding(2, "does not follow from the line before it")
    assert Finding(2, "is not what the database has as event 2") in report.faults


def test_an_end_that_was_cut_off_is_found_by_the_rows(chain: Chain) -> None:
    """The chain is whole, but the database has seen more; also when nothing is left at all."""
    rows = write(chain, 5)
    put(chain, lines_of(chain)[:3])

    cut = verify(chain, rows)
    chain.path.unlink()
    gone = verify(chain, rows)

    assert verify(chain).ok
    assert cut.first_bad_line == 4
    assert "the file ends before it" in cut.faults[0].what
    assert (gone.first_bad_line, len(gone.faults)) == (1, 5)


def test_an_event_without_a_row_is_no_fault(chain: Chain) -> None:
    """A writer that is killed between file and database has lied to nobody."""
    rows = write(chain, 5)

    assert verify(chain, rows[:2]).ok


def test_a_line_that_was_never_finished_is_named_and_gone_on_after(chain: Chain) -> None:
    """A torn end is a fault until the next event; then the chain itself accounts for it."""
    write(chain, 2)
    whole = chain.path.read_bytes()
    chain.path.write_bytes(whole + b'{"seq":3,"datetime":"19')

    before = verify(chain)
    write(chain, 1)
    after = verify(chain)

    assert before.faults == (Finding(3, "was never finished; the next event will go on after it"),)
    assert after.ok
    assert after.notes == (Finding(3, "was never finished; the next line says so"),)
    assert [json.loads(line)["event"] for line in lines_of(chain)[3:]] == [
        RECOVERED,
        "session_created:1",
    ]


def test_what_is_left_of_a_torn_line_cannot_be_changed_either(chain: Chain) -> None:
    """Its digest is in the sealed line after it."""
    write(chain, 1)
    chain.path.write_bytes(chain.path.read_bytes() + b"torn")
    write(chain, 1)
    put(chain, [line.replace(b"torn\n", b"born\n") for line in lines_of(chain)])

    report = verify(chain)

    assert report.faults == (Finding(2, "is no line of the trail"),)


def test_strange_lines_are_faults_wherever_they_stand(chain: Chain) -> None:
    """At the beginning, in pairs, at the end; also one that is sealed and no JSON."""
    write(chain, 2)
    body = b'{"seq":9,"x":nonsense'
    sealed = body + b',"hash":"' + seal(chain.keys.current(), body).encode() + b'"}\n'
    put(chain, [b"a\n", b"b\n", *lines_of(chain), sealed])

    report = verify(chain)

    assert [fault.line for fault in report.faults] == [1, 2, 5]


def test_the_chain_goes_on_after_a_line_that_was_spoilt(chain: Chain) -> None:
    """Writing never stops because of it, and the check still names it."""
    write(chain, 2)
    put(chain, [lines_of(chain)[0], b"spoilt\n"])

    (row,) = write(chain, 1)

    assert row.seq == 2
    assert verify(chain).faults == (Finding(2, "is no line of the trail"),)


def test_the_last_good_line_is_found_however_much_rubbish_follows(chain: Chain) -> None:
    """More than is read at once, with line ends and without: the chain goes on from that line."""
    rubbish = b"x" * chain_module.TAIL_BYTES
    for spoilt in (rubbish + b"\n" + rubbish, rubbish * 3, b"y\n" * chain_module.TAIL_BYTES):
        write(chain, 2)
        with chain.path.open("ab") as file:
            file.write(spoilt)
        write(chain, 1)

    numbers = [json.loads(line)["seq"] for line in lines_of(chain) if line.startswith(b'{"seq"')]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 3 * 3 + 2


def test_an_end_that_was_cut_off_and_written_over_is_found(chain: Chain) -> None:
    """The bank goes on and gives the same numbers again; the rows still know the first ones."""
    rows = write(chain, 5)
    put(chain, lines_of(chain)[:3])
    rows += write(chain, 2, "authn_login_fail:1")

    report = verify(chain, sorted(rows, key=lambda row: row.seq or 0))

    assert verify(chain).ok
    assert report.faults == (
        Finding(4, "is not what the database has as event 4"),
        Finding(5, "is not what the database has as event 5"),
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "session_created:2"),
        ("user", "2"),
        ("session", "0" * 16),
        ("level", "CRITICAL"),
        ("at_ms", 2_000),
        ("line", "no line at all"),
        ("line", '{"seq":2,"x":nonsense,"hash":"' + "0" * 64 + '"}'),
    ],
)
def test_a_row_that_was_changed_is_found(chain: Chain, column: str, value: object) -> None:
    """Whoever can write in the database cannot change what a page shows from it unseen."""
    rows = write(chain, 3)
    setattr(rows[1], column, value)

    report = verify(chain, rows)

    what = "is good, but its row in the database was changed (2)"
    assert report.faults == (Finding(2, what),)


def test_a_line_within_a_row_that_was_changed_is_found(chain: Chain) -> None:
    """Also where the columns say the same: the line in the row is sealed as well."""
    rows = write(chain, 3)
    rows[1].line = rows[1].line.replace("O", "0", 1)

    assert verify(chain, rows).first_bad_line == 2


def test_lines_without_a_row_are_counted(chain: Chain) -> None:
    """That the database has missed some, or lost some, is said and is no fault."""
    rows = write(chain, 5)

    report = verify(chain, [rows[0], rows[3]])

    assert (report.ok, report.rows, report.without_row) == (True, 2, 3)


def test_very_many_faults_are_cut_short(chain: Chain) -> None:
    """A file of rubbish gives a report that can be read."""
    put(chain, [b"x\n"] * (MAX_FAULTS + 50))

    report = verify(chain)

    assert (report.lines, len(report.faults)) == (MAX_FAULTS + 50, MAX_FAULTS)


def test_processes_and_threads_write_one_chain(chain: Chain, tmp_path: Path) -> None:
    """Four processes and four threads at once: every line is there, whole, in one order."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=in_another_process, args=(tmp_path, 50)) for _ in range(4)] + [
        threading.Thread(target=write, args=(chain, 50)) for _ in range(4)
    ]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    report = verify(chain)
    assert (report.ok, report.lines) == (True, 400)


def test_a_writer_that_holds_the_lock_for_ever_is_not_waited_for(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process costs a request a moment, and not its life."""
    monkeypatch.setattr(chain_module, "LOCK_PATIENCE_S", 0.02)

    with chain_module._locked(chain._lock_path), pytest.raises(BlockingIOError):
        write(chain, 1)

    assert write(chain, 1)[0].seq == 1


def test_a_disk_without_room_leaves_the_file_as_it_was(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was begun of a line is taken back."""
    write(chain, 1)
    before = chain.path.read_bytes()
    real = os.write
    calls = iter([True, False])

    def half(handle: int, data: bytes) -> int:
        if next(calls):
            return real(handle, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        write(chain, 1)
    monkeypatch.undo()

    assert chain.path.read_bytes() == before


def test_a_write_in_two_parts_is_a_write(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take a part first; the rest follows."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:400] or data))

    write(chain, 1)

    monkeypatch.undo()
    assert verify(chain).ok
