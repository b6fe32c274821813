"""Changing one's password in a browser: pasted, looked at, and never left lying about."""

import pytest
from playwright.sync_api import expect

NEW = "Zoë’s several words, perhaps"


@pytest.fixture
def page(george):
    """The page, with George signed in."""
    george.page.goto("/password")
    return george.page


def current(page):
    """Return the field of the password as it is."""
    return page.get_by_label("Current password", exact=True)


def new(page):
    """Return the field of the new one."""
    return page.get_by_label("New password", exact=True)


def show(page, which="new"):
    """Return the button that shows one of them."""
    return page.get_by_role("button", name=f"Show {which} password", exact=True)


def send(page):
    """Press the button of the form."""
    page.get_by_role("button", name="Change password").click()


def copy(page, text):
    """Put a text where it can be pasted from."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_a_pasted_password_is_the_new_one(george, page, sit_down):
    """WCAG 3.3.8, ASVS 6.2.7: by keyboard, as from a password manager; afterwards it signs in."""
    copy(page, NEW)
    current(page).fill("george")
    new(page).focus()
    page.keyboard.press("Control+V")
    expect(new(page)).to_have_value(NEW)
    send(page)

    expect(page.get_by_role("status")).to_be_focused()
    expect(
        page.get_by_text("Your password is changed. You are signed in here only.")
    ).to_be_visible()
    george.pass_time(seconds=1)
    again = sit_down().page
    again.goto("/login")
    again.get_by_label("User name").fill("george")
    again.get_by_label("Password").fill(NEW)
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_text("Signed in as george")).to_be_visible()


def test_a_shown_password_can_be_read_and_hidden_again(page):
    """Each by its own button, whose state is told by aria-pressed and whose words stay."""
    new(page).fill(NEW)
    expect(show(page)).to_have_attribute("aria-pressed", "false")
    expect(new(page)).to_have_attribute("type", "password")

    show(page).click()
    expect(show(page)).to_have_attribute("aria-pressed", "true")
    expect(new(page)).to_have_attribute("type", "text")
    expect(new(page)).to_have_value(NEW)
    expect(current(page)).to_have_attribute("type", "password")

    show(page).press("Space")
    expect(show(page)).to_have_attribute("aria-pressed", "false")
    expect(new(page)).to_have_attribute("type", "password")


def test_the_button_is_met_as_one_that_can_be_pressed(george, page):
    """A screen reader has its name and its state, and that the text is hidden."""
    show(page).click()

    tree = george.accessibility_tree()

    buttons = {node["name"]: node.get("pressed") for node in tree if node["role"] == "button"}
    assert buttons["Show new password"] == "true"
    assert buttons["Show current password"] == "false"


def test_a_password_is_hidden_when_it_is_sent(page):
    """Or the browser would offer it as a text that was typed here before."""
    page.evaluate(
        """() => document.querySelector("form[data-show-password]").addEventListener(
          "submit", (event) => {
            event.preventDefault();
            document.title = [...event.target.querySelectorAll("[name=current], [name=new]")]
              .map(({ type }) => type).join();
          })"""
    )
    for which in ("current", "new"):
        show(page, which).click()

    send(page)

    expect(page).to_have_title("password,password")
    expect(show(page)).to_have_attribute("aria-pressed", "false")


def test_a_browser_is_told_to_leave_a_shown_password_alone(page):
    """No spelling service hears of it, and no telephone corrects it."""
    for field in (current(page), new(page)):
        expect(field).to_have_js_property("spellcheck", False)
        expect(field).to_have_attribute("autocapitalize", "off")


def test_what_went_wrong_is_read_first_and_leads_to_its_field(page):
    """The summary has the focus; its link leads into the field, and both fields are empty."""
    current(page).fill("george")
    new(page).fill("short")
    send(page)

    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Use 15 characters or more; this has 5.").click()
    expect(new(page)).to_be_focused()
    expect(new(page)).to_have_value("")
    expect(current(page)).to_have_value("")


def test_without_a_script_there_is_no_button_and_the_page_works(sit_down):
    """The form is all that it needs."""
    page = sit_down(scripts=False).page
    page.goto("/login?next=/password")
    page.get_by_label("User name").fill("george")
    page.get_by_label("Password").fill("george")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Show")).to_have_count(0)

    current(page).fill("george")
    new(page).fill(NEW)
    send(page)

    expect(page.get_by_text("Your password is changed.")).to_be_visible()
