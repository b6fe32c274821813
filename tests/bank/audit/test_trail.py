"""What people do, as the trail tells it; and that telling it fails nobody's request."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask

from bank import Bank, BankConfig, bank_of, create_app
from bank.audit.chain import utc
from bank.audit.events import AuditEvent
from bank.audit.keys import id_of
from bank.audit.losses import Losses
from bank.audit.trail import ROWS_REST_MS
from bank.audit.verify import verify
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

Lines = Callable[[], list[dict[str, object]]]


def names(lines: Lines) -> list[object]:
    return [line["event"] for line in lines()]


def rows(bank: Bank, sql: str = "SELECT seq, event, user, session FROM audit ORDER BY id") -> list:
    with closing(sqlite3.connect(bank.config.home / "bank.db")) as db:
        return db.execute(sql).fetchall()


def test_a_visit_from_sign_in_to_sign_out(
    visitor: Visitor, lines: Lines, bank: Bank, clock: FakeClock
) -> None:
    """Each step is one line and one row, in the vocabulary's words, about one session."""
    visitor.sign_in()
    clock.advance(minutes=2)
    visitor.client.post("/session/extend", json={}, headers={"Sec-Fetch-Site": "same-origin"})
    visitor.sign_out()

    told = lines()
    assert [line["event"] for line in told] == [
        "session_created:1",
        "authn_login_success:1",
        "session_renewed:1",
        "session_expired:1,logout",
    ]
    assert len({line["session"] for line in told}) == 1
    assert told[-1]["datetime"] == utc(bank.now())
    assert {line["address"] for line in told} == {"127.0.0.1"}
    assert (told[1]["method"], told[1]["endpoint"]) == ("POST", "signin.sign_in")
    assert rows(bank) == [(line["seq"], line["event"], "1", line.get("session")) for line in told]


def test_time_running_out_is_told_once_and_a_late_click_by_its_name(
    visitor: Visitor, clock: FakeClock, lines: Lines
) -> None:
    """The end by itself is an expiry; using the same cookie again after it is another word."""
    visitor.sign_in()
    cookie = visitor.cookie("nightlatch") or ""
    clock.advance(minutes=61)

    for _ in range(2):
        visitor.client.set_cookie("nightlatch", cookie)
        visitor.get("/")
    visitor.client.set_cookie("nightlatch", cookie)
    visitor.client.get("/session")

    assert names(lines)[2:] == ["session_expired:1,idle", "session_use_after_expire:1"]


def test_a_wrong_password_is_told_of_the_user_it_was_tried_on(
    visitor: Visitor, lines: Lines
) -> None:
    """By number; the password is nowhere."""
    visitor.sign_in("george", "not-the-password")

    (line,) = lines()
    assert (line["event"], line["level"], line["user"]) == ("authn_login_fail:1", "WARN", "1")


def test_a_name_that_nobody_has_is_a_fingerprint(
    visitor: Visitor, lines: Lines, bank: Bank
) -> None:
    """People type passwords there. Tries of the same name can still be told to be the same."""
    for name in ("Hunter2-Hunter2", "hunter2-hunter2 ", "bad\x00name", "other"):
        visitor.get("/login")
        visitor.send("/login", username=name, password="x")

    prints = [line["name_print"] for line in lines()]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
    assert {line["event"] for line in lines()} == {"authn_login_fail:unknown"}
    for path in bank.config.home.iterdir():
        assert b"unter2-" not in path.read_bytes(), path


def test_no_file_of_the_trail_holds_a_cookie_or_a_handle(visitor: Visitor, bank: Bank) -> None:
    """Neither token nor sid; the fingerprint stands for them."""
    visitor.sign_in()
    cookie = visitor.cookie("nightlatch") or ""
    visitor.sign_out()

    text = bank.audit.chain.path.read_text() + str(rows(bank, "SELECT * FROM audit"))
    assert [part for part in cookie.split(".")[1:] if part in text] == []


def test_a_browsers_name_is_cut_and_searched(visitor: Visitor, lines: Lines) -> None:
    """It is a stranger's text: no secret and no line end gets into the trail with it."""
    visitor.get("/login")
    agent = "evil\u202e token=abcdef " + "x" * 900
    visitor.client.post(
        "/login",
        data=visitor.hidden() | {"username": "george", "password": "no"},
        headers={"User-Agent": agent.encode().decode("latin-1")},
    )

    told = str(lines()[0]["agent"])
    assert "abcdef" not in told
    assert len(told) <= 200


def test_a_visitor_without_a_session_uses_none(visitor: Visitor, lines: Lines, bank: Bank) -> None:
    """Asking for a page that looks for a session, with none, is nothing to tell of."""
    visitor.get("/login")

    assert not bank.audit.chain.path.exists()


def test_a_cookie_that_is_none_of_ours_is_told(visitor: Visitor, lines: Lines) -> None:
    """One that is no token, and one whose session nobody knows."""
    visitor.client.set_cookie("nightlatch", "rubbish")
    visitor.get("/login")
    visitor.client.set_cookie("nightlatch", "v1." + "0" * 32 + "." + "x" * 43)
    visitor.get("/login")

    assert names(lines) == [
        "input_validation_fail:session_cookie,anonymous",
        "session_use_after_expire:anonymous",
    ]


def test_money_that_was_sent_is_told_once(
    signed_in: Callable[[str], Visitor], clock: FakeClock, lines: Lines
) -> None:
    """A second press of the button finds the first transfer and tells nothing."""
    visitor = signed_in("george")
    visitor.get("/transfer")
    form = visitor.hidden() | {
        "from_account": "1", "payee": "Secret Payee", "amount": "12.50", "reference": "r",
    }  # fmt: skip
    with visitor.client.get("/transfer") as page:
        account = page.text.partition("<option")[2].partition('value="')[2].partition('"')[0]
    for _ in range(2):
        visitor.client.post("/transfer", data=form | {"from_account": account})
        clock.advance(seconds=1)

    sent = [line for line in lines() if line["event"] == "sensitive_create:1,transfer"]
    assert [line["amount_pence"] for line in sent] == [1250]
    assert "Secret Payee" not in str(lines())


def test_a_file_that_cannot_be_written_fails_no_request(
    app: Flask, bank: Bank, visitor: Visitor, caplog: pytest.LogCaptureFixture, lines: Lines
) -> None:
    """The request goes on, the loss is counted for all processes and logged once; then it heals."""
    bank.audit.chain.path.mkdir()

    status = visitor.sign_in().status_code
    during = bank.audit.losses.read()
    complaints = [r for r in caplog.records if "cannot write its file" in r.getMessage()]
    out_of_order = bank.audit.out_of_order()
    bank.audit.chain.path.rmdir()
    visitor.sign_out()
    # Another thread that has just found the same says nothing more.
    bank.audit._works_again("file")

    assert status == 303
    assert during == {"file": 2, "rows": 0}
    assert Losses(bank.config.home).read() == during
    assert len(complaints) == 1
    assert (out_of_order, bank.audit.out_of_order()) == ({"file": 2}, {})
    assert [row[:2] for row in rows(bank)][:2] == [
        (None, "session_created:1"),
        (None, "authn_login_success:1"),
    ]
    told = lines()
    assert [line["event"] for line in told] == [
        "session_expired:1,logout",
        "sys_monitor_enabled:bank,audit_file",
    ]
    assert told[1]["missed"] == 2
    assert "can write its file again; it missed 2" in caplog.text
    assert verify(bank.audit.chain, bank.audit.rows.sealed()).ok


def test_a_disk_that_is_full_fails_no_request(
    bank: Bank, visitor: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/dev/full answers as a full disk does."""
    monkeypatch.setattr(bank.audit.chain, "path", type(bank.config.home)("/dev/full"))

    assert visitor.sign_in().status_code == 303

    assert bank.audit.losses.read()["file"] == 2
    assert "No space left on device" in caplog.text


def test_a_database_that_is_locked_fails_no_request_and_is_left_in_peace(
    bank: Bank,
    visitor: Visitor,
    clock: FakeClock,
    lines: Lines,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lines are written; the table is not tried again for each event, but after a while."""
    tries = []
    add = bank.audit.rows.add
    monkeypatch.setattr(
        bank.audit.rows, "add", lambda event, line: tries.append(1) or add(event, line)
    )
    with closing(sqlite3.connect(bank.config.home / "bank.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        status = visitor.sign_in().status_code

    visitor.sign_out()
    clock.advance(ms=ROWS_REST_MS)
    visitor.sign_in()

    assert status == 303
    assert tries == [1, 1, 1, 1]
    assert bank.audit.losses.read() == {"file": 0, "rows": 3}
    assert [row[1] for row in rows(bank)] == [
        "session_created:1",
        "sys_monitor_enabled:bank,audit_rows",
        "authn_login_success:1",
    ]
    assert len(lines()) == 6
    assert caplog.text.count("cannot write its rows") == 1
    # What a database says of an error repeats the values it was given.
    assert "INSERT" not in caplog.text


def test_an_event_that_comes_while_the_rows_rest_is_reported_in_words(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be the first that is missed: another thread has just found that they work again."""
    bank.audit._rows_rest_until = bank.clock.elapsed() + ROWS_REST_MS

    bank.audit.sign_in_failed("george", None)

    assert "cannot write its rows (it rests)" in caplog.text
    assert bank.audit.losses.read() == {"file": 0, "rows": 1}


def test_losses_are_counted_also_while_nothing_can_be_written(bank: Bank) -> None:
    """The count is kept in the process, and joins the others as soon as it can."""
    losses, path = bank.audit.losses, bank.config.home / "audit-lost"
    path.unlink()
    path.mkdir()

    losses.add("file")
    losses.add("rows")
    during = losses.read()
    path.rmdir()
    losses.add("file")

    assert during == {"file": 1, "rows": 1}
    assert losses.read() == Losses(bank.config.home).read() == {"file": 2, "rows": 1}


def test_forgetting_takes_what_was_not_written_yet_as_well(bank: Bank) -> None:
    """Nothing is counted twice and nothing comes back."""
    losses, path = bank.audit.losses, bank.config.home / "audit-lost"
    losses.add("rows")
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    losses.add("file")
    path.rmdir()
    path.write_bytes(kept)

    forgotten = losses.forget()

    assert forgotten == {"file": 1, "rows": 1}
    assert losses.read() == Losses(bank.config.home).read() == {"file": 0, "rows": 0}


def test_a_count_that_cannot_be_kept_is_kept_here(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing in place can fail too; and a spoilt file counts from nothing."""
    (bank.config.home / "audit-lost").write_text("file what\nother 3\n")

    def full(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pwrite", full)
    bank.audit.losses.add("rows")

    assert bank.audit.losses.read() == {"file": 0, "rows": 1}


def test_a_strange_failure_fails_no_request_either(
    bank: Bank, visitor: Visitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong inside, the request that was told of goes on."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a slip of ours")

    monkeypatch.setattr(bank.audit.chain, "append", fails)

    with caplog.at_level(logging.ERROR):
        assert visitor.sign_in().status_code == 303

    assert "cannot write its file (RuntimeError)" in caplog.text


def test_a_folder_that_is_gone_fails_nobody(bank: Bank, visitor: Visitor) -> None:
    """Not even the count can be kept then; it joins the others when the folder is back."""
    visitor.sign_in()
    home = bank.config.home
    away = home.rename(home.with_name("away"))

    bank.audit.signed_in("1")
    during = bank.audit.losses.read()
    away.rename(home)
    bank.audit.signed_in("1")

    assert during["file"] == 1
    assert Losses(home).read()["file"] == 1
    assert verify(bank.audit.chain, bank.audit.rows.sealed()).ok


@pytest.fixture
def as_nobody() -> Iterator[Callable[[], None]]:
    """Makes this process one that a file's mode holds for; root may write everything."""
    user = os.geteuid()
    yield lambda: os.seteuid(65_534) if user == 0 else None
    os.seteuid(user)


def test_a_file_that_is_read_only_fails_nobody(
    bank: Bank,
    visitor: Visitor,
    lines: Lines,
    as_nobody: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody has made it so; the reason is in the log, and status can count it."""
    visitor.sign_in()
    bank.audit.chain.path.chmod(0o400)
    as_nobody()

    bank.audit.signed_in("1")

    assert bank.audit.out_of_order()["file"] == 1
    assert "cannot write its file (PermissionError: Permission denied)" in caplog.text


def test_without_a_key_nothing_is_told_and_nobody_fails(
    bank: Bank, visitor: Visitor, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """A line without a seal would prove nothing, so it counts as lost; then it heals."""
    key = bank.config.home / "audit-key"
    key.mkdir()

    status = visitor.sign_in().status_code
    during = bank.audit.losses.read()
    key.rmdir()
    visitor.sign_out()

    assert status == 303
    assert during == {"file": 2, "rows": 2}
    assert caplog.text.count("cannot write its file (IsADirectoryError: Is a directory)") == 1
    assert [line["event"] for line in lines()] == [
        "session_expired:1,logout",
        "sys_monitor_enabled:bank,audit_file",
        "sys_monitor_enabled:bank,audit_rows",
    ]


def test_a_key_that_is_lost_is_made_anew_and_shows(
    config: BankConfig, clock: FakeClock, lines: Lines, bank: Bank, visitor: Visitor
) -> None:
    """The bank goes on; the lines before cannot be checked any more, and the check says so."""
    visitor.sign_in()
    old = id_of(bank.audit.keys.current())
    (config.home / "audit-key").unlink()
    again = create_app(config, clock=clock)
    Visitor(again).sign_in()
    bank_of(again).close()

    report = verify(bank.audit.chain, bank.audit.rows.sealed())

    assert [line["key"] == old for line in lines()] == [True, True, False, False]
    assert [fault.line for fault in report.faults] == [1]
    assert f"sealed with the key {old}, which is not in the bank's folder" in report.faults[0].what


@pytest.mark.parametrize("sign", ["\r\n", "\x1b[31m", "\x85", "\u2028", "\u202e", "\x00", "’"])
def test_a_strangers_text_is_in_the_trail_as_ascii(bank: Bank, lines: Lines, sign: str) -> None:
    """CR LF, ESC, U+0085, U+2028, bidi: the line has none of them, and reads back as it was."""
    bank.audit.tell(AuditEvent("session_created:1", 1, agent=f"O{sign}Connor"))

    raw = bank.audit.chain.path.read_bytes()
    assert raw.isascii()
    assert raw.count(b"\n") == 1
    assert not any(byte < 0x20 or byte == 0x7F for byte in raw[:-1])
    assert lines()[0]["agent"] == f"O{sign}Connor"


def test_the_rows_of_one_user_come_newest_first_a_page_at_a_time(
    bank: Bank, visitor: Visitor, another_visitor: Visitor
) -> None:
    """For a page of the bank; what happens meanwhile moves nothing from one page to another."""
    visitor.sign_in()
    another_visitor.sign_in("O’Connor")
    visitor.sign_out()
    rows = bank.audit.rows

    first = rows.of_user("1", limit=2)
    bank.audit.password_changed("1")
    second = rows.of_user("1", before=first.before, limit=2)
    everything = rows.of_user("1", limit=1000)

    assert [entry.event for entry in first.entries] == [
        "session_expired:1,logout",
        "authn_login_success:1",
    ]
    assert [entry.event for entry in second.entries] == ["session_created:1"]
    assert (first.before, second.before) == (first.entries[-1].number, None)
    assert [entry.number for entry in everything.entries] == [6, 5, 2, 1]
    entry = first.entries[0]
    assert (entry.level, entry.at_ms, entry.fields["by"]) == ("INFO", bank.now(), "user")
    assert entry.session == second.entries[0].session
    assert rows.of_user("3").entries == ()
    assert len(rows.of_user("1", limit=0).entries) == 1
