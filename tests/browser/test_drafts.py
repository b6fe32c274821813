"""What was typed and not sent is there again after signing in, for its user alone."""

import re
from json import loads

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown

DRAFT = "/session/draft"
KEPT = re.compile(r"We kept what you had typed on \d+ \w+ at \d\d:\d\d\.")
LONG = "A’é\N{GRINNING FACE}b " * 2000
SECRETS = """() => {
  const form = document.querySelector("form[data-nightlatch-draft]");
  const add = (tag, attributes) => {
    const el = document.createElement(tag);
    for (const name in attributes) el.setAttribute(name, attributes[name]);
    form.append(el);
  };
  add("input", { name: "pin", type: "password", "aria-label": "PIN" });
  add("input", { name: "card", autocomplete: "section-pay cc-number", "aria-label": "Card" });
  add("input", { name: "code", autocomplete: "one-time-code", "aria-label": "Code" });
  add("input", { name: "aside", "aria-label": "Aside", "data-no-draft": "" });
  add("input", { name: "token", type: "hidden", value: "hidden-secret" });
  add("textarea", { name: "note", "aria-label": "Note" });
}"""


@pytest.fixture
def transfer(george):
    """George on the page that sends money."""
    open_form(george)
    return george


def open_form(desk, page=None):
    """Go to the form and wait until it is watched over."""
    page = page or desk.page
    with page.expect_response(lambda answer: DRAFT in answer.url) as offered:
        page.goto("/transfer")
    offered.value.finished()
    page.wait_for_load_state()
    desk.settle()


def write(page, payee="Siobhán O’Connor", amount="12.50", reference="Rent \N{HOUSE BUILDING}"):
    """Fill in what a transfer needs."""
    page.get_by_label("Payee name").fill(payee)
    page.get_by_label("Amount in pounds").fill(amount)
    page.get_by_label("Reference").fill(reference)


def written(page):
    """Return what the form holds."""
    labels = ("Payee name", "Amount in pounds", "Reference")
    return [page.get_by_label(label).input_value() for label in labels]


def notice(page):
    """Return the line that says that the form was filled in again."""
    return page.get_by_role("status").filter(has_text=KEPT)


def saves(desk):
    """Return what has been saved, as the server heard it."""
    return [loads(call.body) for call in desk.server.calls_to(DRAFT, "PUT")]


def come_back(desk, name="george"):
    """From the timed-out page, sign in and be led to where one was."""
    expect(desk.page.get_by_role("heading", name="You were signed out")).to_be_visible()
    desk.page.get_by_role("link", name="Sign in again").click()
    desk.fill_in(name, desk.page)
    desk.settle()


def test_a_form_is_as_it_was_after_the_time_out(transfer):
    """Fill in, walk away, be signed out, sign in again: all of it is there, with a line that says so."""
    transfer.page.get_by_label("From account").select_option(index=1)
    account = transfer.page.get_by_label("From account").input_value()
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.pass_time(minutes=61)

    come_back(transfer)

    expect(transfer.page).to_have_url(re.compile("/transfer$"))
    expect(notice(transfer.page)).to_be_visible()
    assert written(transfer.page) == ["Siobhán O’Connor", "12.50", "Rent \N{HOUSE BUILDING}"]
    assert transfer.page.get_by_label("From account").input_value() == account
    transfer.picture("draft")
