"""What was typed and not sent is there again after signing in, for its user alone."""

import re
from json import loads

import pytest
from playwright.sync_api import expect

from tests.browser.desk import shown
from tests.browser.test_accessibility import violations

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
    with page.expect_response(lambda answer: DRAFT in answer.url):
        page.goto("/transfer")
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


def by_a_script(page, payee):
    """Fill in the payee as a script does, which is no activity of anybody's."""
    page.get_by_label("Payee name").evaluate(
        """(field, payee) => {
            field.value = payee;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        payee,
    )


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


def test_27_a_form_is_as_it_was_after_the_time_out(transfer):
    """Fill in, walk away, be signed out, sign in again: there it is, and a line says so."""
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


def test_what_was_typed_before_the_script_came_is_kept(george):
    """On a slow line somebody types at once; nothing more has to be typed for it to be saved."""
    held = []
    george.context.route("**/drafts.js", lambda route: held.append(route))
    george.page.goto("/transfer")
    george.page.get_by_label("Payee name").fill("Siobhán O’Connor")
    assert len(held) == 1

    with george.page.expect_response(lambda answer: DRAFT in answer.url):
        held[0].continue_()
    george.settle()
    george.pass_time(seconds=3)

    (saved,) = george.server.calls_to(DRAFT, "PUT")
    assert "Siobhán O’Connor" in saved.body.decode()


def test_what_is_saved_is_not_saved_again(transfer):
    """Opening the warning takes the focus from a field, and the time that is told stays true."""
    write(transfer.page)
    transfer.pass_time(seconds=2)

    transfer.pass_time(minutes=51)

    assert [save["serial"] for save in saves(transfer)] == [1]


def test_what_was_typed_is_saved_while_somebody_goes_on_typing(transfer):
    """At the latest five seconds after the first letter, so that a session's end costs no more."""
    reference = transfer.page.get_by_label("Reference")
    for _ in range(12):
        reference.press_sequentially("ab")
        transfer.pass_time(seconds=0.5)

    assert len(saves(transfer)) == 1
    assert saves(transfer)[0]["fields"]["reference"]["is"] == ["ab" * 10]


def test_27_after_the_transfer_it_is_gone(transfer):
    """The draft that was used is offered no more, also not to a save that comes too late."""
    write(transfer.page, payee="Ana")
    transfer.pass_time(seconds=2)
    transfer.page.get_by_label("Reference").fill("typed last")

    transfer.page.get_by_role("button", name="Send money").click()

    expect(transfer.page.get_by_role("heading", name="Money sent")).to_be_visible()
    transfer.settle()
    transfer.pass_time(seconds=1)
    open_form(transfer)
    expect(transfer.page.locator(".nightlatch-draft")).to_have_count(1)
    assert written(transfer.page) == ["", "", ""]
    expect(notice(transfer.page)).to_have_count(0)


def test_27_signing_out_drops_it(transfer):
    """Who presses *Sign out* leaves nothing behind."""
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.page.get_by_role("button", name="Sign out").click()
    expect(transfer.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    transfer.pass_time(seconds=1)

    transfer.sign_in()
    open_form(transfer)

    assert len(saves(transfer)) == 1
    assert written(transfer.page) == ["", "", ""]


def test_23_another_user_of_this_browser_never_sees_it(transfer):
    """George's words are not O’Connor's, and are there for George when he is back."""
    write(transfer.page, payee="George’s aunt")
    transfer.pass_time(seconds=2)
    transfer.pass_time(minutes=61)

    come_back(transfer, "O’Connor")
    assert transfer.page.url.endswith("/transfer")
    assert written(transfer.page) == ["", "", ""]
    assert "aunt" not in transfer.page.content()
    transfer.page.get_by_role("button", name="Sign out").click()
    expect(transfer.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    transfer.sign_in("george")
    open_form(transfer)

    assert written(transfer.page)[0] == "George’s aunt"


def test_23_a_page_of_one_user_saves_nothing_under_another(desk):
    """O’Connor signs in in another tab: what George's page sends as it goes is not hers."""
    other = desk.open("/login")
    desk.sign_in("george")
    desk.pass_time(seconds=5)
    open_form(desk)
    desk.pass_time(seconds=5)
    by_a_script(desk.page, "George’s aunt")

    desk.fill_in("O’Connor", other)
    desk.pass_time(seconds=1)
    expect(desk.page.get_by_text("Signed in as O’Connor")).to_be_visible()
    desk.server.wait_for(lambda: saves(desk))
    desk.settle()

    assert {call.status for call in desk.server.calls_to(DRAFT, "PUT")} == {409}
    open_form(desk, other)
    assert written(other) == ["", "", ""]


def test_a_name_emoji_and_ten_thousand_characters_come_back_whole(transfer):
    """Whatever people write, to the last character."""
    transfer.page.get_by_label("Reference").fill(LONG)
    transfer.page.get_by_label("Payee name").fill("Séamus O’Connor 👪‍❤")
    transfer.pass_time(seconds=2)

    open_form(transfer)

    assert len(LONG) == 10_000 + 2_000
    assert written(transfer.page)[2] == LONG
    assert written(transfer.page)[0] == "Séamus O’Connor 👪‍❤"


def test_27_secrets_are_never_sent(transfer):
    """Passwords, also while they are shown, cards, codes, hidden fields and what is marked."""
    transfer.page.evaluate(SECRETS)
    for label in ("PIN", "Card", "Code", "Aside", "Note"):
        transfer.page.get_by_label(label, exact=True).fill(f"{label}-secret")
    transfer.pass_time(seconds=2)
    transfer.page.get_by_label("PIN", exact=True).evaluate("(el) => { el.type = 'text' }")
    transfer.page.get_by_label("PIN", exact=True).press_sequentially("-more")
    transfer.page.get_by_label("Note", exact=True).press_sequentially("!")
    transfer.pass_time(seconds=2)

    assert [set(save["fields"]) for save in saves(transfer)] == [{"note"}, {"note"}]


def test_discard_empties_the_form_and_the_server(transfer):
    """The fields are as they came, focus goes to one of them, and it is not offered again."""
    write(transfer.page)
    transfer.pass_time(seconds=2)
    open_form(transfer)
    expect(notice(transfer.page)).to_be_visible()

    transfer.page.get_by_role("button", name="Discard").click()

    expect(transfer.page.get_by_role("status").filter(has_text="It is discarded.")).to_be_visible()
    expect(transfer.page.get_by_label("Payee name")).to_be_focused()
    assert written(transfer.page) == ["", "", ""]
    transfer.pass_time(seconds=2)
    transfer.page.get_by_label("Reference").fill("a new one")
    transfer.pass_time(seconds=2)
    open_form(transfer)
    assert written(transfer.page) == ["", "", "a new one"]


def test_what_was_typed_meanwhile_is_not_overwritten(transfer):
    """A slow answer fills only what the user has left as it was, and leaves the focus there."""
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.server.fail(DRAFT, "hold")
    transfer.page.goto("/transfer")
    transfer.page.get_by_label("Payee name").fill("Somebody else")
    transfer.server.heal()

    expect(notice(transfer.page)).to_be_visible()

    assert written(transfer.page) == ["Somebody else", "12.50", "Rent 🏠"]
    expect(transfer.page.get_by_label("Payee name")).to_be_focused()


def test_a_form_that_was_refused_keeps_what_was_sent(transfer):
    """After a mistake the page shows what was sent, and no older draft comes over it."""
    write(transfer.page, amount="1")
    transfer.pass_time(seconds=2)
    transfer.page.get_by_label("Amount in pounds").fill("too much")
    transfer.page.get_by_role("button", name="Send money").click()
    expect(transfer.page.get_by_role("alert")).to_be_visible()
    transfer.page.wait_for_load_state()
    transfer.settle()

    assert written(transfer.page)[1] == "too much"


def test_27_two_tabs_do_not_overwrite_each_other(transfer):
    """The second to write is told, in the form, that it is not kept."""
    second = transfer.open()
    open_form(transfer, second)
    write(transfer.page, payee="First tab")
    transfer.pass_time(seconds=2)
    second.get_by_label("Payee name").fill("Second tab")

    transfer.pass_time(seconds=2)

    expect(second.get_by_role("status")).to_contain_text("open in another tab")
    second.close()
    open_form(transfer)
    assert written(transfer.page)[0] == "First tab"


def test_what_is_not_saved_goes_out_with_the_page(transfer):
    """Half a second after the last key the tab goes elsewhere."""
    transfer.page.get_by_label("Payee name").fill("Just typed")

    transfer.page.goto("/")
    transfer.server.wait_for(lambda: saves(transfer))

    assert saves(transfer)[0]["fields"]["payee"]["is"] == ["Just typed"]


def test_a_browser_that_only_says_that_the_page_is_hidden_saves_too(transfer):
    """Some tell of a page's end in one way, some in another."""
    by_a_script(transfer.page, "Just typed")

    transfer.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    transfer.server.wait_for(lambda: saves(transfer))

    assert saves(transfer)[0]["fields"]["payee"]["is"] == ["Just typed"]


def test_a_save_that_failed_is_repeated(transfer):
    """While the server is out of reach it tries again, and it does not forget."""
    transfer.server.fail(DRAFT, "500")
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.server.heal()

    transfer.pass_time(seconds=5)

    assert [call.status for call in transfer.server.calls_to(DRAFT, "PUT")] == [500, 200]


def test_saving_never_extends(transfer):
    """A fetch is no activity: who has not touched anything is signed out on time."""
    transfer.pass_time(minutes=5)
    before = transfer.status()["idle_ms"]
    by_a_script(transfer.page, "by a script")

    transfer.pass_time(seconds=2)

    assert len(saves(transfer)) == 1
    assert transfer.status()["idle_ms"] == before - 2000


def test_the_page_is_told_that_fields_were_filled(transfer):
    """Its own scripts hear input and change, as if somebody had typed."""
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.context.add_init_script("""
        window.heard = [];
        for (const type of ["input", "change"])
          document.addEventListener(type, ({ target }) => heard.push(`${type} ${target.name}`));""")

    open_form(transfer)

    assert transfer.page.evaluate("heard") == [
        f"{kind} {name}"
        for name in ("payee", "amount", "reference")
        for kind in ("input", "change")
    ]


def test_the_line_is_there_before_it_speaks_and_takes_no_focus(transfer):
    """A live region whose text comes later is read out; the reader stays where they are."""
    write(transfer.page)
    transfer.pass_time(seconds=2)
    transfer.server.fail(DRAFT, "hold")
    transfer.page.goto("/transfer")
    line = transfer.page.get_by_role("status")
    expect(line).to_have_count(1)
    assert line.text_content() == ""
    focused = transfer.page.evaluate("document.activeElement.tagName")

    transfer.server.heal()

    expect(notice(transfer.page)).to_be_visible()
    assert transfer.page.evaluate("document.activeElement.tagName") == focused
    button = transfer.page.get_by_role("button", name="Discard")
    expect(button).to_have_accessible_description(KEPT)
    assert button.bounding_box()["height"] >= 44


def test_a_page_without_a_marked_form_loads_nothing_of_it(george):
    """No module, no style sheet, no request."""
    george.page.goto("/")
    george.page.wait_for_load_state()
    george.settle()

    assert [call.path for call in george.server.calls if "draft" in call.path] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_accessibility_fault(sit_down, scheme, width):
    """Light and dark, on a telephone and on a desk (WCAG 2.2 AA and best practices)."""
    desk = sit_down(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 720})
    desk.sign_in()
    open_form(desk)
    write(desk.page)
    desk.pass_time(seconds=2)
    open_form(desk)
    expect(notice(desk.page)).to_be_visible()

    assert violations(desk) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert shown(desk.page)


def test_a_form_that_is_reset_has_no_draft(transfer):
    """What the user has emptied is not offered back."""
    write(transfer.page)
    transfer.pass_time(seconds=2)

    transfer.page.evaluate("document.querySelector('form[data-nightlatch-draft]').reset()")
    transfer.pass_time(seconds=2)
    open_form(transfer)

    assert written(transfer.page) == ["", "", ""]
    expect(notice(transfer.page)).to_have_count(0)


@pytest.mark.parametrize("timing", [{"idle": 60, "absolute": 62}], indirect=True)
def test_what_was_typed_up_to_the_absolute_limit_is_kept(transfer):
    """Somebody types until the session ends; at most the last five seconds are missing."""
    reference = transfer.page.get_by_label("Reference")
    transfer.pass_time(minutes=51)
    transfer.page.keyboard.press("Escape")
    transfer.pass_time(minutes=10, seconds=40)
    close_absolute_warning(transfer.page)
    for _ in range(40):
        if not reference.is_visible():
            break
        reference.press_sequentially("a")
        transfer.pass_time(seconds=0.5)

    expect(transfer.page.get_by_role("heading", level=1)).to_contain_text("signed out")
    transfer.page.get_by_role("link", name="Sign in again").click()
    transfer.fill_in("george", transfer.page)
    expect(notice(transfer.page)).to_be_visible()
    assert len(written(transfer.page)[2]) >= 30


def close_absolute_warning(page):
    """Take note that the session is about to end for good, and go on typing."""
    page.get_by_role("alertdialog").get_by_role("button", name="Continue").click()
