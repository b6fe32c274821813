"""Drafts and signing in again in the language of their page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.again import change_page
from tests.browser.axe import violations
from tests.browser.bank_server import BankServer

PAGES = ("/transfer", "/login")
GERMAN = re.compile(r"Was Sie am \d+\. \w+ um \d\d:\d\d eingegeben hatten, haben wir aufbewahrt\.")
TITLES = {
    "es": "Iniciar sesión de nuevo",
    "fr": "Se reconnecter",
    "de": "Erneut anmelden",
    "cy": "Mewngofnodi eto",
    "pl": "Zaloguj się ponownie",
    "ar": "تسجيل الدخول مرة أخرى",
}


@pytest.fixture
def server(tmp_path, timing):
    """A bank that offers to sign in again on every page."""
    server = BankServer(tmp_path, timing, sign_in_again=True)
    yield server
    server.close()
    assert server.unexpected() == []
    assert server.violations == []


def speak(server, lang, *paths):
    """Let the bank say that its pages are in that language."""
    right_to_left = lang.startswith("ar")
    tag = f'<html lang="{lang}" dir="{"rtl" if right_to_left else "ltr"}"'
    for path in paths:
        change_page(server, path, ('<html lang="en-GB"', tag))


def timed_out_in(desk, lang, *paths):
    """Sign George in on a form in that language, and let him be away for an hour."""
    desk.sign_in()
    speak(desk.server, lang, *paths)
    desk.page.goto("/transfer")
    desk.page.get_by_label("Payee name").fill("O’Connor")
    desk.pass_time(minutes=59)


@pytest.mark.parametrize("lang", TITLES)
def test_signing_in_again_speaks_the_pages_language(desk, lang):
    """Heading and tab, with the language told to a screen reader; and it goes on as in English."""
    timed_out_in(desk, lang, "/transfer")
    dialog = desk.page.get_by_role("dialog", name=TITLES[lang])

    expect(dialog.get_by_label("User name")).to_be_focused()
    expect(desk.page).to_have_title(TITLES[lang])
    assert dialog.get_attribute("lang") == lang
    direction = "rtl" if lang == "ar" else "ltr"
    assert dialog.evaluate("(el) => getComputedStyle(el).direction") == direction

    dialog.get_by_label("User name").fill("george")
    dialog.get_by_label("Password").fill("george")
    dialog.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_label("Payee name")).to_have_value("O’Connor")


def test_signing_in_again_from_right_to_left_fits_and_has_no_violations(sit_down):
    """On a telephone too: heading, form and button begin at the right."""
    desk = sit_down(viewport={"width": 320, "height": 640})
    timed_out_in(desk, "ar", *PAGES)
    dialog = desk.page.get_by_role("dialog", name=TITLES["ar"])
    expect(dialog.get_by_label("User name")).to_be_focused()

    sides = dialog.evaluate("""(box) => {
        const range = document.createRange();
        return ["#nightlatch-again", "#nightlatch-again-text", "label"].map((selector) => {
            const el = box.querySelector(selector);
            range.selectNodeContents(el);
            const [text, own] = [range.getBoundingClientRect(), el.getBoundingClientRect()];
            return text.left - own.left >= own.right - text.right;
        });
    }""")
    assert sides == [True, True, True]
    assert desk.page.evaluate("document.querySelector('dialog').scrollWidth <= 320")
    assert violations(desk) == []
    desk.picture("sign-in-again-arabic")


def test_without_its_file_signing_in_again_is_english(desk):
    """The dialog comes all the same."""
    desk.context.route("**/words.de.js", lambda route: route.abort("connectionrefused"))
    timed_out_in(desk, "de", "/transfer")

    dialog = desk.page.get_by_role("dialog", name="Sign in again")

    expect(dialog.get_by_label("User name")).to_be_focused()
    assert dialog.get_attribute("lang") == "en"


def draft_in(desk, lang):
    """Let somebody come back to a form in that language; return the line that says so."""
    desk.sign_in()
    speak(desk.server, lang, "/transfer")
    with desk.page.expect_response(lambda answer: "/session/draft" in answer.url):
        desk.page.goto("/transfer")
    desk.settle()
    desk.page.get_by_label("Payee name").fill("Siobhán O’Connor")
    desk.pass_time(seconds=2)
    desk.page.goto("/accounts")
    desk.page.goto("/transfer")
    return desk.page.locator(".nightlatch-draft")


def test_the_line_about_a_draft_is_german_on_a_german_page(desk):
    """With day and time as German has them, and a button that it is about."""
    line = draft_in(desk, "de")

    expect(line.get_by_role("status")).to_have_text(GERMAN)
    assert line.get_attribute("lang") == "de"
    line.get_by_role("button", name="Verwerfen").click()

    expect(line.get_by_role("status")).to_have_text("Es ist verworfen.")
    expect(desk.page.get_by_label("Payee name")).to_have_value("")


def test_the_line_about_a_draft_runs_from_right_to_left_in_arabic(desk):
    """With the digits of its country."""
    line = draft_in(desk, "ar-EG")

    expect(line.get_by_role("button", name="حذف")).to_be_visible()
    said = line.get_by_role("status").text_content()
    assert said.startswith("احتفظنا بما كتبته يوم")
    assert re.search("[\u0660-\u0669]", said)
    assert not re.search("[0-9{}]", said)
    assert line.evaluate("(el) => getComputedStyle(el).direction") == "rtl"
    desk.picture("draft-arabic")


def test_the_line_waits_for_its_words_and_the_fields_do_not(desk):
    """A slow file costs no work, and the line is not in two languages."""
    held = []
    desk.context.route("**/words.de.js", lambda route: held.append(route))
    line = draft_in(desk, "de")
    expect(desk.page.get_by_label("Payee name")).to_have_value("Siobhán O’Connor")
    expect(line.get_by_role("status")).to_have_text("")

    held[-1].continue_()

    expect(line.get_by_role("status")).to_have_text(GERMAN)
