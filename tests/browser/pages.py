"""Every page of the bank that somebody can look at, by its endpoint, and how one gets there.

`test_pages.py` fails when the bank has a page that is in none of these.
"""

import re
from types import MappingProxyType

from playwright.sync_api import expect

from bank.config import CONFIRM_WITHIN_MINUTES

GEORGE = "george"
ADMIN = "admin"
# A sign-in is no recent proof any longer after as many.
BUSY_MINUTES = CONFIRM_WITHIN_MINUTES + 1


def at(path):
    """Return a way to a page that has an address of its own."""
    return lambda desk: desk.page.goto(path)


def sign_in_gone_wrong(desk):
    """The sign-in form, sent empty."""
    desk.page.goto("/login")
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()


def signing_in_too_often(desk):
    """The sign-in form after too many wrong passwords."""
    desk.page.goto("/login")
    for _ in range(6):
        desk.page.get_by_label("User name").fill("nobody")
        desk.page.get_by_label("Password").fill("wrong")
        desk.page.get_by_role("button", name="Sign in").click()
        desk.page.wait_for_load_state()
    expect(desk.page.get_by_role("alert")).to_contain_text("too many tries")


def password_shown(desk):
    """The form for a new password, with the new one to be read."""
    desk.page.goto("/password")
    desk.page.get_by_role("button", name="Show new password").click()
    desk.page.get_by_label("New password", exact=True).fill("Zoë’s several words, perhaps")


def password_gone_wrong(desk):
    """The same, with nothing right."""
    desk.page.goto("/password")
    desk.page.get_by_label("Current password", exact=True).fill("wrong")
    desk.page.get_by_label("New password", exact=True).fill("short")
    desk.page.get_by_role("button", name="Change password").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()


def transfer_gone_wrong(desk):
    """The transfer form, sent empty."""
    desk.page.goto("/transfer")
    desk.page.get_by_role("button", name="Send money").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()


def transfer_done(desk):
    """The confirmation of a transfer."""
    desk.page.goto("/transfer")
    desk.page.get_by_label("Payee name").fill("José Ωmega")
    desk.page.get_by_label("Amount in pounds").fill("1")
    desk.page.get_by_role("button", name="Send money").click()
    expect(desk.page.get_by_role("heading", name="Money sent")).to_be_visible()


def elsewhere(desk):
    """The list with another session in it."""
    desk.server.begin("1", address="2001:db8::7")
    desk.page.goto("/sessions")


def ending_one(desk):
    """The question before another session is ended."""
    elsewhere(desk)
    desk.page.get_by_role("main").get_by_role("link", name=re.compile("^Sign out A")).first.click()
    expect(desk.page.get_by_role("main").get_by_role("button", name="Sign out")).to_be_visible()


def one_ended(desk):
    """What the list says afterwards."""
    ending_one(desk)
    desk.page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(desk.page.get_by_role("status")).to_be_visible()


def confirming(desk):
    """The password asked for once more, of somebody who has been busy since they signed in."""
    for _ in range(BUSY_MINUTES):
        desk.pass_time(minutes=1)
        desk.page.goto("/")
    desk.page.goto("/confirm?next=/sessions")


def confirming_gone_wrong(desk):
    """The same, not given."""
    confirming(desk)
    desk.page.get_by_role("button", name="Confirm").click()
    expect(desk.page.get_by_role("alert")).to_be_visible()


def ending_for_another(desk):
    """An administrator's question before one session of somebody else is ended."""
    sid = desk.server.begin("1", address="2001:db8::7").record.sid
    desk.page.goto(f"/admin/users/1/sessions/{sid}/end")


# What a visitor sees.
VISITOR = MappingProxyType(
    {
        "signin.login": (at("/login"), sign_in_gone_wrong, signing_in_too_often),
        "signin.logged_out": (
            at("/logged-out?reason=idle&next=/"),
            at("/logged-out?reason=absolute"),
            at("/logged-out?reason=signed-out"),
        ),
        "problem": (at("/nowhere"),),
    }
)

# What somebody sees who is signed in, and their name.
SIGNED_IN = MappingProxyType(
    {
        GEORGE: MappingProxyType(
            {
                # First, while the sign-in is recent enough for them.
                "sessions.end_one": (ending_one, one_ended),
                "sessions.end_others": (at("/sessions/end-others"),),
                "sessions.own": (elsewhere,),
                "password_change.ask": (at("/password"), password_shown, password_gone_wrong),
                "confirm.ask": (confirming, confirming_gone_wrong),
                "accounts.home": (at("/"),),
                "accounts.statement": (at("/another-page"), at("/another-page?month=x")),
                "transfers.transfer": (at("/transfer"), transfer_gone_wrong),
                "transfers.sent": (transfer_done,),
                "problem": (at("/nowhere"),),
            }
        ),
        ADMIN: MappingProxyType(
            {
                "admin.end_one": (ending_for_another,),
                "admin.end_user": (at("/admin/users/1/sessions/end"),),
                "admin.end_everyone": (at("/admin/sessions/end"),),
                "admin.everyone": (at("/admin/sessions"), at("/admin/sessions?user=nobody")),
            }
        ),
    }
)

# What answers to GET and is no page.
NO_PAGES = MappingProxyType(
    {
        "static": "files",
        "bootstrap.static": "files",
        "nightlatch.asset": "files",
        "nightlatch.status": "a document for scripts",
        "nightlatch.offer_draft": "a document for scripts",
    }
)


def endpoints():
    """Return the endpoints of all pages above."""
    signed_in = [endpoint for pages in SIGNED_IN.values() for endpoint in pages]
    return {*VISITOR, *signed_in} - {"problem"}


def visits(pages):
    """Return a name and a way for each page, to be the parameters of a test."""
    return {
        f"{endpoint}-{number}": reach
        for endpoint, ways in pages.items()
        for number, reach in enumerate(ways, 1)
    }
