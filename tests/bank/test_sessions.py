"""Where you are signed in: exactly the live sessions of whoever asks, and their end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bank import Bank
from nightlatch import EndReason, Live
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor, alive, sid, token

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
ENDS = re.compile(r"/sessions/([0-9a-f]{32})/end")


@pytest.fixture
def george(signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("george")


def rows(page: str) -> list[str]:
    return re.findall(r"<tr role=\"row\".*?</tr>", page, re.DOTALL)[1:]


def test_scenario_48_the_list_is_exactly_the_live_sessions_with_this_one_marked(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Two others are listed; an ended one, another user's and a visitor's are not."""
    others = [signed_in("george") for _ in range(2)]
    gone = signed_in("george")
    gone.sign_out()
    signed_in("O’Connor")
    bank.sessions.start(None, values={"a": 1})

    page = george.get("/sessions").text

    assert set(ENDS.findall(page)) == {sid(other) for other in others}
    assert len(rows(page)) == 3
    assert [row for row in rows(page) if "This session" in row] == rows(page)[:1]
    assert "Here and at 2 other places." in page
    assert george.page is not None
    assert george.page.headers["Cache-Control"] == "no-store"


def test_scenario_48_the_list_follows_idle_ends(
    george: Visitor, signed_in: Callable[..., Visitor], clock: FakeClock
) -> None:
    """A session whose time is over is not listed, swept or not."""
    signed_in("george")
    clock.advance(minutes=30)
    george.get("/")

    clock.advance(minutes=31)
    page = george.get("/sessions").text

    assert ENDS.findall(page) == []
    assert "Only here." in page


def test_scenario_48_no_secret_stands_in_any_page(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Neither token, nor secret, nor its hash, of this or another session."""
    other = signed_in("george")
    admin = signed_in("admin")
    secrets = [token(each).split(".")[2] for each in (george, other, admin)]
    hashes = []
    for each in (george, other):
        found = bank.sessions.peek(token(each))
        assert isinstance(found, Live)
        hashes.append(found.record.secret_hash.hex())

    pages = [
        george.get("/sessions").data,
        george.get(f"/sessions/{sid(other)}/end").data,
        george.get("/sessions/end-others").data,
        admin.get("/admin/sessions").data,
    ]

    for page in pages:
        for secret in (*secrets, *hashes):
            assert secret.encode() not in page


def test_a_line_says_device_address_and_times(
    george: Visitor, bank: Bank, clock: FakeClock
) -> None:
    """In words and for machines; what the browser wrote is not repeated."""
    began = clock.now()
    bank.sessions.start("1", device=FIREFOX + "<b>", address="2001:db8::<i>7")
    clock.advance(minutes=5)

    page = george.get("/sessions").text

    line = next(row for row in rows(page) if "Firefox on Windows" in row)
    assert "Gecko" not in page
    assert "2001:<wbr>db8:<wbr>:<wbr>&lt;i&gt;7" in line
    assert "5 minutes ago" in line
    assert began == 1_767_603_600_000
    assert '<time datetime="2026-01-05T09:00:00Z">5 Jan 2026, 09:00 UTC</time>' in line


def test_another_device_is_signed_out_at_once_and_told_so(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Asked first, then done; the other one learns that it was from elsewhere."""
    other, kept = signed_in("george"), signed_in("george")

    asked = george.get(f"/sessions/{sid(other)}/end")
    assert asked.status_code == 200
    assert alive(bank, other)
    done = george.send(f"/sessions/{sid(other)}/end")

    assert (done.status_code, done.location) == (303, "/sessions")
    assert "Another program is signed out." in george.get("/sessions").text
    assert not alive(bank, other)
    assert alive(bank, kept)
    leaves = other.get("/")
    assert "reason=revoked" in leaves.location
    assert "on another of your devices" in other.get(leaves.location).text


def test_everywhere_else_is_everywhere_but_here(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """This one and other people's go on."""
    others = [signed_in("george") for _ in range(3)]
    niamh = signed_in("O’Connor")

    george.get("/sessions/end-others")
    done = george.send("/sessions/end-others")

    assert done.location == "/sessions"
    assert "Ended elsewhere: 3." in george.get("/sessions").text
    assert [alive(bank, other) for other in others] == [False, False, False]
    assert alive(bank, niamh)


def test_ending_this_one_is_signing_out(george: Visitor, bank: Bank) -> None:
    """The page at the end says that it was their own doing."""
    old = token(george)

    assert "Sign out here?" in george.get(f"/sessions/{sid(george)}/end").text
    done = george.send(f"/sessions/{sid(george)}/end")

    assert done.location == "/logged-out?reason=signed-out"
    ended = bank.sessions.peek(old)
    assert not isinstance(ended, Live)
    assert ended is not None
    assert ended.reason is EndReason.SIGNED_OUT


def test_scenario_49_user_a_neither_lists_nor_ends_what_is_bs(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank
) -> None:
    """Another's, a made-up and an ended session get one and the same 404, and a line of audit."""
    niamh, gone = signed_in("O’Connor"), signed_in("george")
    gone_sid = sid(gone)
    gone.sign_out()
    listed = george.get("/sessions").text
    george.get(f"/sessions/{sid(signed_in('george'))}/end")
    form = george.hidden()

    answers = [
        (answer.status_code, answer.text, sorted(answer.headers.keys()))
        for wanted in (sid(niamh), "0" * 32, "made-up", gone_sid, "%00", "x" * 3_000)
        for answer in (
            george.get(f"/sessions/{wanted}/end"),
            george.send(f"/sessions/{wanted}/end", **form),
        )
    ]

    assert sid(niamh) not in listed
    assert {status for status, _, _ in answers} == {404}
    assert all(answer == answers[0] for answer in answers)
    assert alive(bank, niamh)
    assert bank.audit.chain.path.read_text(encoding="utf-8").count("authz_fail:1,session") == 12


@pytest.mark.parametrize("path", ["/sessions/{sid}/end", "/sessions/end-others"])
def test_ending_others_needs_a_recent_proof(
    george: Visitor,
    signed_in: Callable[..., Visitor],
    bank: Bank,
    clock: FakeClock,
    path: str,
) -> None:
    """Page and form lead to the password first, and back to the page that asks (ASVS 7.5.2)."""
    other = signed_in("george")
    path = path.format(sid=sid(other))
    george.get(path)
    form = george.hidden()
    clock.advance(minutes=5)

    by_link = george.get(path)
    by_form = george.client.post(
        path,
        data=form,
        headers={"Sec-Fetch-Mode": "navigate", "Referer": f"http://localhost{path}"},
    )

    assert by_link.location == by_form.location
    assert by_link.location.startswith("/confirm?next=%2Fsessions%2F")
    assert alive(bank, other)
    asked = george.get(by_link.location)
    assert "You are about to sign out another device." in asked.text
    back = george.send("/confirm", password="george")
    assert back.location == path
    george.get(back.location)
    assert george.send(path).status_code == 303
    assert not alive(bank, other)


@pytest.mark.parametrize("path", ["/sessions/{sid}/end", "/sessions/end-others"])
def test_a_form_from_elsewhere_ends_nothing(
    george: Visitor, signed_in: Callable[..., Visitor], bank: Bank, path: str
) -> None:
    """Without this page's token it is asked again, with 400."""
    other = signed_in("george")

    answer = george.client.post(path.format(sid=sid(other)), data={})

    assert answer.status_code == 400
    assert "nothing was done" in answer.text
    assert alive(bank, other)


@pytest.mark.parametrize("path", ["/sessions", "/sessions/end-others", "/admin/sessions"])
def test_a_stranger_is_led_to_sign_in(visitor: Visitor, path: str) -> None:
    """Nobody's sessions are shown to nobody."""
    assert visitor.get(path).location.startswith("/login?next=")
