"""The rules of drafts, apart from any store: sheets, verdicts, and what a session's end does."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from nightlatch.breaker import FAILURES
from nightlatch.drafts import KEEP_MS, SWEEP, Draft, Drafts, Found, Verdict, opened_at, verdict
from nightlatch.errors import StoreUnavailable
from nightlatch.limits import Limits
from nightlatch.manager import Manager
from nightlatch.record import EndReason
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.memory_drafts import MemoryDrafts
from nightlatch.testing import FakeClock
from nightlatch.testing.conformance.drafts import a_draft

PAGE = "/transfer#"
LIMITS = Limits(timedelta(minutes=15), timedelta(hours=8))


class Broken(MemoryDrafts):
    """A store that does not answer."""

    def get(self, *args: Any, **kwargs: Any) -> Found:
        raise StoreUnavailable("get a draft", "the line is cut")

    def drop_all(self, *args: Any, **kwargs: Any) -> int:
        raise StoreUnavailable("drop drafts", "the line is cut")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def drafts(clock: FakeClock) -> Drafts:
    return Drafts(MemoryDrafts(), clock)


@pytest.fixture
def manager(drafts: Drafts, clock: FakeClock) -> Manager:
    return Manager(MemoryStore(), LIMITS, clock=clock, drafts=drafts)


def write(drafts: Drafts, user: str = "ana", page: str = PAGE, fields: bytes = b"x") -> str:
    """Somebody opens the page and types; the sheet that they write on."""
    sheet = drafts.offer(user, page).sheet
    assert drafts.keep(user, page, fields, sheet=sheet, serial=1) is Verdict.KEPT
    return sheet


def kept(drafts: Drafts, user: str = "ana", page: str = PAGE) -> bytes | None:
    """What would be offered."""
    draft = drafts.offer(user, page).draft
    return None if draft is None else draft.fields


@pytest.mark.parametrize(
    ("before", "dropped", "draft", "instead_of", "expected"),
    [
        (None, 0, a_draft(), None, Verdict.KEPT),
        (None, 99, a_draft(opened=100), None, Verdict.KEPT),
        (None, 100, a_draft(opened=100), None, Verdict.DROPPED),
        (a_draft(), 101, a_draft(opened=100, serial=2), "a", Verdict.DROPPED),
        (a_draft(), 0, a_draft(serial=2), None, Verdict.KEPT),
        (a_draft(), 0, a_draft(serial=1), None, Verdict.LATE),
        (a_draft(serial=3), 0, a_draft(serial=2), None, Verdict.LATE),
        (a_draft(), 0, a_draft(sheet="b"), None, Verdict.ELSEWHERE),
        (a_draft(), 0, a_draft(sheet="b"), "c", Verdict.ELSEWHERE),
        (a_draft(), 0, a_draft(sheet="b"), "a", Verdict.KEPT),
    ],
)
def test_the_verdict(
    before: Draft | None, dropped: int, draft: Draft, instead_of: str | None, expected: Verdict
) -> None:
    """Dropped comes first; then whoever wrote, or was given, what there is; then the order."""
    assert verdict(Found(before, dropped), draft, instead_of) is expected


def test_what_was_typed_is_offered_with_its_age(drafts: Drafts, clock: FakeClock) -> None:
    """And a new sheet to go on with, which takes the old one's place."""
    first = write(drafts, fields=b"typed")
    clock.advance(minutes=5)

    offer = drafts.offer("ana", PAGE)

    assert offer.draft is not None
    assert (offer.draft.fields, offer.draft.sheet, offer.age_ms) == (b"typed", first, 300_000)
    again = drafts.keep("ana", PAGE, b"more", sheet=offer.sheet, serial=1, instead_of=first)
    assert again is Verdict.KEPT


def test_an_age_is_never_negative(drafts: Drafts, clock: FakeClock) -> None:
    """Also when somebody has set the clock back."""
    write(drafts)
    clock.step(-60_000)

    assert drafts.offer("ana", PAGE).age_ms == 0


def test_a_sheet_tells_when_and_for_whom(drafts: Drafts, clock: FakeClock) -> None:
    """It counts for nobody else, and its name is not in it."""
    sheet = drafts.offer("O’Connor", PAGE).sheet

    assert opened_at(sheet, "O’Connor") == clock.now()
    assert opened_at(sheet, "O'Connor") is None
    assert "Connor" not in sheet
    assert drafts.offer("O’Connor", PAGE).sheet != sheet


@pytest.mark.parametrize("sheet", ["", "x", "1-2-3", "0" * 13 + "-" + "0" * 16 + "-" + "0" * 16])
def test_what_is_no_sheet_writes_nothing(drafts: Drafts, sheet: str) -> None:
    """Whatever a client makes up."""
    assert drafts.keep("ana", PAGE, b"x", sheet=sheet, serial=1) is Verdict.DROPPED
    assert kept(drafts) is None


def test_another_users_sheet_writes_nothing(drafts: Drafts) -> None:
    """A page of George's, in a browser in which Ana has signed in since, is not Ana's."""
    sheet = drafts.offer("george", PAGE).sheet

    assert drafts.keep("ana", PAGE, b"george's", sheet=sheet, serial=1) is Verdict.DROPPED
    assert kept(drafts) is None


def test_a_page_opened_in_the_millisecond_of_a_drop_can_write(
    drafts: Drafts, clock: FakeClock
) -> None:
    """After a drop, and after a clock was set back, whoever opens the page has a good sheet."""
    old = write(drafts)
    drafts.drop("ana", PAGE)

    assert drafts.keep("ana", PAGE, b"late", sheet=old, serial=2) is Verdict.DROPPED
    write(drafts)
    drafts.drop("ana", PAGE)
    clock.step(-3_600_000)
    write(drafts)


def test_a_drop_says_whether_there_was_one(drafts: Drafts) -> None:
    """For the view that used it."""
    write(drafts)

    assert [drafts.drop("ana", PAGE), drafts.drop("ana", PAGE)] == [True, False]


def test_while_the_store_is_out_it_is_not_asked(clock: FakeClock) -> None:
    """After a few failures a request fails at once, without waiting for the store."""
    drafts = Drafts(Broken(), clock)
    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailable, match="the line is cut"):
            drafts.offer("ana", PAGE)

    with pytest.raises(StoreUnavailable, match="a moment ago"):
        drafts.drop("ana", PAGE)


def test_a_sweep_goes_on_until_it_is_through(drafts: Drafts, clock: FakeClock) -> None:
    """However many there are."""
    for number in range(SWEEP + 1):
        write(drafts, f"user {number}")
    clock.advance(ms=KEEP_MS)

    assert [drafts.sweep(), drafts.sweep()] == [SWEEP + 1, 0]


# What the end of a session does


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (EndReason.SIGNED_OUT, None),
        (EndReason.REVOKED, None),
        (EndReason.REPLAYED, None),
        (EndReason.IDLE, b"x"),
        (EndReason.ABSOLUTE, b"x"),
        (EndReason.REPLACED, b"x"),
        (EndReason.CORRUPT, b"x"),
    ],
)
def test_the_end_of_a_session(
    manager: Manager, drafts: Drafts, reason: EndReason, expected: bytes | None
) -> None:
    """Ended on purpose, or perhaps stolen: gone. Ended by time or by a newer session: kept."""
    started = manager.start("ana")
    write(drafts)
    write(drafts, "bob")

    manager.end(started.record.sid, reason)

    assert kept(drafts) == expected
    assert kept(drafts, "bob") == b"x"


def test_a_time_out_keeps_them(manager: Manager, drafts: Drafts, clock: FakeClock) -> None:
    """Signing in again finds them."""
    started = manager.start("ana")
    write(drafts)
    clock.advance(hours=1)

    manager.resume(started.token.text(), activity=True)

    assert kept(drafts) == b"x"


def test_all_sessions_of_a_user(manager: Manager, drafts: Drafts) -> None:
    """A password change drops them also when no session is live at that moment."""
    write(drafts)
    write(drafts, "bob")

    manager.end_user("ana")

    assert kept(drafts) is None
    assert kept(drafts, "bob") == b"x"


def test_all_sessions_of_everybody(manager: Manager, drafts: Drafts) -> None:
    """The same for all."""
    write(drafts)
    write(drafts, "bob")

    manager.end_everyone()

    assert [kept(drafts), kept(drafts, "bob")] == [None, None]


def test_all_ended_for_another_reason_keeps_them(manager: Manager, drafts: Drafts) -> None:
    """An administrator who ends everybody as idle takes nobody's work."""
    manager.start("ana")
    write(drafts)

    manager.end_everyone(reason=EndReason.IDLE)

    assert kept(drafts) == b"x"


def test_a_visitors_end_drops_nobodys(manager: Manager, drafts: Drafts) -> None:
    """A visitor has no drafts, and nobody stands for all of them."""
    started = manager.start(None)
    write(drafts)

    manager.end(started.record.sid, EndReason.SIGNED_OUT)

    assert kept(drafts) == b"x"


def test_a_sign_out_does_not_fail_with_the_drafts(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The session ends; the log says what was left, without a word of it."""
    manager = Manager(MemoryStore(), LIMITS, clock=clock, drafts=Drafts(Broken(), clock))
    started = manager.start("ana")

    with caplog.at_level(logging.WARNING, "nightlatch"):
        ended = manager.end(started.record.sid, EndReason.SIGNED_OUT)

    assert ended is not None
    assert "Drafts were not dropped" in caplog.text
    assert "ana" not in caplog.text


def test_a_sweep_of_the_sessions_sweeps_them_too(
    manager: Manager, drafts: Drafts, clock: FakeClock
) -> None:
    """One command for both."""
    write(drafts)
    clock.advance(ms=KEEP_MS)

    assert len([*manager.sweep()]) == 1

    assert drafts.sweep() == 0


def test_closing_the_manager_closes_them(clock: FakeClock) -> None:
    """Nothing is left open."""
    closed = []

    class Closing(MemoryDrafts):
        def close(self) -> None:
            closed.append("drafts")

    Manager(MemoryStore(), LIMITS, clock=clock, drafts=Drafts(Closing(), clock)).close()

    assert closed == ["drafts"]


def test_what_was_typed_is_in_no_repr() -> None:
    """A draft in a log or a debugger does not tell what it holds."""
    assert "aunt" not in repr(a_draft(fields=b"to my aunt"))
