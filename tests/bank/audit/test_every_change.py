"""Acceptance scenario 52: every change of state has exactly one event, by name.

Each happens to the bank itself; what it adds to the file and to the table is counted.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from flask import Flask

import bank.audit
from bank import Bank
from bank.audit.causes import By, ended_by
from bank.audit.events import _BY_KIND
from bank.audit.verify import verify
from nightlatch import Cap, EndReason, Event, SignInRefused
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor

MINUTE_MS = 60_000
VOCABULARY = (
    *("authn_login_success", "authn_login_fail", "authn_login_fail_max", "authn_token_created"),
    *("authn_password_change", "authn_password_change_fail"),
    *("authz_fail", "authz_admin", "session_created", "session_renewed", "session_expired"),
    *("session_use_after_expire", "input_validation_fail", "sensitive_create"),
)
OURS = ("sys_clock_jumped", "sys_breached_passwords_unread")
PACKAGE = Path(bank.audit.__file__).parent


@dataclass
class Scene:
    """A bank in which George (1) is signed in by one browser, and all he has done is told."""

    app: Flask
    bank: Bank
    clock: FakeClock
    george: Visitor

    @property
    def token(self) -> str:
        return self.george.cookie("nightlatch") or ""

    @property
    def sid(self) -> str:
        return self.token.split(".")[1]

    @property
    def record(self) -> Any:
        return self.bank.sessions.peek(self.token).record


@pytest.fixture
def scene(app: Flask, bank: Bank, clock: FakeClock, visitor: Visitor) -> Scene:
    visitor.sign_in()
    return Scene(app, bank, clock, visitor)


def login(scene: Scene) -> None:
    Visitor(scene.app).sign_in("O’Connor")


def login_failed(scene: Scene) -> None:
    Visitor(scene.app).sign_in("george", "not-the-password")


def login_unknown(scene: Scene) -> None:
    visitor = Visitor(scene.app)
    visitor.get("/login")
    visitor.send("/login", username="nobody-of-that-name", password="x")


def login_held_up(scene: Scene) -> None:
    visitor = Visitor(scene.app)
    for _ in range(6):
        visitor.sign_in("george", "not-the-password")


def unknown_held_up(scene: Scene) -> None:
    visitor = Visitor(scene.app)
    visitor.get("/login")
    for _ in range(6):
        visitor.send("/login", username="nobody-of-that-name", password="x")


def login_again(scene: Scene) -> None:
    scene.bank.sessions.start("1", instead_of=scene.record)


def login_full(scene: Scene) -> None:
    scene.bank.sessions.cap = Cap(1, "refuse")
    other = Visitor(scene.app)
    assert other.sign_in().status_code == 409


def login_revoked_meanwhile(scene: Scene) -> None:
    began = scene.bank.now()
    with ended_by(By.USER, "1"):
        scene.bank.sessions.end_user("1")
    scene.clock.advance(seconds=1)
    with pytest.raises(SignInRefused):
        scene.bank.sessions.start("1", began=began)


def touch(scene: Scene) -> None:
    scene.clock.advance(minutes=10)
    assert scene.george.get("/").status_code == 200


def report(scene: Scene) -> None:
    scene.george.client.get("/session")


def extend(scene: Scene) -> None:
    scene.clock.advance(minutes=2)
    scene.george.client.post("/session/extend", json={}, headers={"Sec-Fetch-Site": "same-origin"})


def rotate(scene: Scene) -> None:
    scene.bank.sessions.rotate(scene.record)


def step_up(scene: Scene) -> None:
    scene.bank.audit.proved_again("1", scene.sid)
    scene.bank.sessions.rotate(scene.record, auth_level=2)


def step_up_failed(scene: Scene) -> None:
    scene.bank.audit.proof_failed("1", scene.sid)


def logout(scene: Scene) -> None:
    scene.george.get("/")
    scene.george.sign_out()


def idle(scene: Scene) -> None:
    scene.clock.advance(minutes=61)
    scene.george.get("/")


def idle_found_by_the_sweep(scene: Scene) -> None:
    scene.clock.advance(minutes=61)
    for _ in scene.bank.sessions.sweep():
        continue


def absolute(scene: Scene) -> None:
    for _ in range(25):
        scene.clock.advance(minutes=30)
        scene.bank.sessions.resume(scene.token, activity=True)


def revoked_by_the_user(scene: Scene) -> None:
    with ended_by(By.USER, "1"):
        scene.bank.sessions.end(scene.sid, EndReason.REVOKED)


def revoked_by_an_administrator(scene: Scene) -> None:
    with ended_by(By.ADMINISTRATOR, "2"):
        scene.bank.sessions.end_user("1")


def revoked_by_a_password_change(scene: Scene) -> None:
    scene.bank.audit.password_changed("1")
    with ended_by(By.PASSWORD_CHANGE, "1"):
        scene.bank.sessions.end_user("1")


NEW = "several words and a comma, perhaps"


def password_changed(scene: Scene) -> None:
    Visitor(scene.app).sign_in()
    scene.george.get("/password")
    assert scene.george.send("/password", current="george", new=NEW).status_code == 303


def password_not_changed(scene: Scene) -> None:
    scene.george.get("/password")
    scene.george.send("/password", current="not-the-password", new=NEW)


def breaches_unread(scene: Scene) -> None:
    scene.bank.audit.breaches_unread("FileNotFoundError")


def revoked_at_the_command_line(scene: Scene) -> None:
    runner = scene.app.test_cli_runner()
    assert runner.invoke(args=["nightlatch", "sessions", "end", "--user", "1"]).exit_code == 0


def revoked_by_nobody_knows_whom(scene: Scene) -> None:
    scene.bank.sessions.end(scene.sid, EndReason.REVOKED)


def revoked_everyone(scene: Scene) -> None:
    scene.bank.sessions.start("2")
    with ended_by(By.ADMINISTRATOR, "2"):
        scene.bank.sessions.end_everyone()


def evicted(scene: Scene) -> None:
    scene.bank.sessions.cap = Cap(1, "end-oldest")
    Visitor(scene.app).sign_in()


def replay(scene: Scene) -> None:
    old, record = scene.token, scene.record
    scene.bank.sessions.rotate(record)
    scene.clock.advance(minutes=2)
    scene.bank.sessions.resume(old, activity=True)


def corrupt(scene: Scene) -> None:
    record = scene.record
    with closing(sqlite3.connect(scene.bank.config.home / "sessions.db")) as db:
        db.execute("UPDATE session SET data = x'ff00ff'")
        db.commit()
    scene.bank.sessions.values(scene.bank.sessions.peek(scene.token).record)
    assert scene.bank.sessions.end(record.sid, EndReason.CORRUPT) is None


def ended_twice(scene: Scene) -> None:
    for _ in range(2):
        scene.bank.sessions.end(scene.sid, EndReason.SIGNED_OUT)


def used_after_its_end(scene: Scene) -> None:
    token = scene.token
    scene.bank.sessions.end(scene.sid, EndReason.SIGNED_OUT)
    scene.george.client.set_cookie("nightlatch", token)
    scene.george.get("/")


def unknown_token(scene: Scene) -> None:
    scene.bank.sessions.peek("v1." + "0" * 32 + "." + "x" * 43)


def malformed_cookie(scene: Scene) -> None:
    scene.bank.sessions.peek("rubbish")


def clock_jump(scene: Scene) -> None:
    scene.bank.sessions.now()
    scene.clock.step(90 * MINUTE_MS)
    scene.bank.sessions.now()


def clock_set_back(scene: Scene) -> None:
    scene.bank.sessions.now()
    scene.clock.step(-90 * MINUTE_MS)
    scene.bank.sessions.now()


def somebody_elses_session(scene: Scene) -> None:
    scene.bank.audit.refused("1", "session")


def an_administrators_act(scene: Scene) -> None:
    scene.bank.audit.administered("2", "sessions_ended")


def transfer_pressed_twice(scene: Scene) -> None:
    scene.george.get("/transfer")
    page = scene.george.page.text
    account = page.partition("<option")[2].partition('value="')[2].partition('"')[0]
    form = scene.george.hidden() | {
        "from_account": account, "payee": "Secret Payee", "amount": "12.50", "reference": "r",
    }  # fmt: skip
    for _ in range(2):
        # In the same millisecond, as two copies of one press are.
        assert scene.george.client.post("/transfer", data=form).status_code == 303


def transfer_without_the_money(scene: Scene) -> None:
    scene.george.get("/transfer")
    page = scene.george.page.text
    account = page.partition("<option")[2].partition('value="')[2].partition('"')[0]
    scene.george.send(
        "/transfer", from_account=account, payee="P", amount="99999999.00", reference="r"
    )


IN = ["session_created:2", "authn_login_success:2"]
EXPIRED = "session_expired:1,"
CASES: dict[str, tuple[Callable[[Scene], None], list[str], str | None]] = {
    "login": (login, IN, None),
    "login failed": (login_failed, ["authn_login_fail:1"], None),
    "login of nobody": (login_unknown, ["authn_login_fail:unknown"], None),
    "login held up": (
        login_held_up, ["authn_login_fail:1"] * 5 + ["authn_login_fail_max:1"], None,
    ),
    "login of nobody held up": (
        unknown_held_up,
        ["authn_login_fail:unknown"] * 5 + ["authn_login_fail_max:unknown"], None,
    ),
    "password changed": (
        password_changed,
        [
            *("session_created:1", "authn_login_success:1", "authn_token_created:1,session"),
            *("authn_password_change:1", EXPIRED + "revoked"),
        ],
        "password change",
    ),
    "password not changed": (password_not_changed, ["authn_password_change_fail:1"], None),
    "breached passwords unread": (
        breaches_unread, ["sys_breached_passwords_unread:bank"], None,
    ),
    "login in place of another": (
        login_again, [EXPIRED + "replaced", "session_created:1"], "sign-in",
    ),
    "login refused: full": (login_full, ["authn_login_fail:1"], None),
    "login refused: revoked meanwhile": (
        login_revoked_meanwhile, [EXPIRED + "revoked", "authn_login_fail:1"], "user",
    ),
    "touch excluded": (touch, [], None),
    "report excluded": (report, [], None),
    "extend": (extend, ["session_renewed:1"], None),
    "rotate": (rotate, ["authn_token_created:1,session"], None),
    "step-up": (step_up, ["authn_login_success:1", "authn_token_created:1,session"], None),
    "step-up failed": (step_up_failed, ["authn_login_fail:1"], None),
    "logout": (logout, [EXPIRED + "logout"], "user"),
    "idle": (idle, [EXPIRED + "idle"], "time limit"),
    "idle, found by the sweep": (idle_found_by_the_sweep, [EXPIRED + "idle"], "time limit"),
    "absolute": (absolute, [EXPIRED + "absolute"], "time limit"),
    "revoked by the user": (revoked_by_the_user, [EXPIRED + "revoked"], "user"),
    "revoked by an administrator": (
        revoked_by_an_administrator, [EXPIRED + "revoked"], "administrator",
    ),
    "revoked by a password change": (
        revoked_by_a_password_change,
        ["authn_password_change:1", EXPIRED + "revoked"], "password change",
    ),
    "revoked at the command line": (
        revoked_at_the_command_line, [EXPIRED + "revoked"], "command line",
    ),
    "revoked by nobody knows whom": (
        revoked_by_nobody_knows_whom, [EXPIRED + "revoked"], "unknown",
    ),
    "revoked: everyone": (
        revoked_everyone,
        ["session_created:2", "session_expired:1,revoked", "session_expired:2,revoked"],
        "administrator",
    ),
    "evicted": (
        evicted, [EXPIRED + "replaced", "session_created:1", "authn_login_success:1"], "sign-in",
    ),
    "replay": (replay, ["authn_token_created:1,session", EXPIRED + "replayed"], "safeguard"),
    "corrupt": (corrupt, [EXPIRED + "corrupt"], "safeguard"),
    "ended twice": (ended_twice, [EXPIRED + "logout"], "user"),
    "used after its end": (
        used_after_its_end, [EXPIRED + "logout", "session_use_after_expire:1"], "user",
    ),
    "unknown token": (unknown_token, ["session_use_after_expire:anonymous"], None),
    "malformed cookie": (
        malformed_cookie, ["input_validation_fail:session_cookie,anonymous"], None,
    ),
    "clock jump": (clock_jump, ["sys_clock_jumped:bank"], None),
    "clock set back": (clock_set_back, ["sys_clock_jumped:bank"], None),
    "somebody else's session": (somebody_elses_session, ["authz_fail:1,session"], None),
    "an administrator's act": (an_administrators_act, ["authz_admin:2,sessions_ended"], None),
    "transfer, pressed twice": (transfer_pressed_twice, ["sensitive_create:1,transfer"], None),
    "transfer without the money": (transfer_without_the_money, [], None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_change_of_state_has_exactly_one_event(
    scene: Scene, lines: Callable[[], list[dict[str, Any]]], case: str
) -> None:
    """One line and one row in the vocabulary's words, in UTC, and no more."""
    happen, expected, by = CASES[case]
    before = len(lines())

    happen(scene)

    told = lines()[before:]
    assert sorted(line["event"] for line in told) == sorted(expected)
    rows = list(scene.bank.audit.rows.sealed())[before:]
    assert [(row.seq, row.event) for row in rows] == [(line["seq"], line["event"]) for line in told]
    assert {line.get("by") for line in told if "session_expired" in line["event"]} <= {by}
    assert all(line["event"].partition(":")[0] in VOCABULARY + OURS for line in told)
    assert all(line["datetime"].endswith("Z") for line in told)
    assert verify(scene.bank.audit.chain, scene.bank.audit.rows.sealed()).ok
    secrets = [part for part in scene.token.split(".")[1:] if part]
    assert not [part for part in secrets if part in str(told)]


def test_every_event_of_the_library_has_its_word() -> None:
    """A kind that the library gains is missed here and not in the trail."""
    assert set(_BY_KIND) == set(get_args(Event))


def test_every_word_is_explained() -> None:
    """docs/audit.md has a row for each word that the code can write, and for no other."""
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    page = (PACKAGE.parents[1] / "docs" / "audit.md").read_text(encoding="utf-8")
    families = r"(?:authn|authz|session|input|sensitive|sys)_[a-z_]+"

    written = set(re.findall(rf'"({families})[":]', code)) - {"authn_token_reuse"}
    explained = set(re.findall(rf"^\| `({families})", page, re.MULTILINE))

    assert explained == written


def test_an_end_says_who_did_it(scene: Scene, lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The account is one, the actor may be another; of a replay both words of it are there."""
    revoked_by_an_administrator(scene)
    scene.clock.advance(seconds=1)
    scene.george.sign_in()
    replay(scene)

    ends = [line for line in lines() if "session_expired" in line["event"]]
    assert (ends[0]["user"], ends[0]["by"], ends[0]["actor"]) == ("1", "administrator", "2")
    assert (ends[1]["level"], ends[1]["also"]) == ("CRITICAL", "authn_token_reuse")


def test_what_a_request_finds_out_about_others_is_not_its_own(
    scene: Scene, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """A sign-out left over from an outage is carried out in whose request it may be."""
    assert scene.bank.sessions.note_sign_out(scene.token)
    before = len(lines())

    Visitor(scene.app).sign_in("O’Connor")

    logout, *others = lines()[before:]
    assert (logout["event"], logout["by"]) == ("session_expired:1,logout", "user")
    assert not logout.keys() & {"address", "agent", "method", "endpoint"}
    assert [line["address"] for line in others] == ["127.0.0.1"] * 2
