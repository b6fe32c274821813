"""Every page there is: that it is known here, that its policy holds, that its targets are hit."""

import pytest

from tests.browser.axe import PHONE
from tests.browser.pages import GEORGE, NO_PAGES, SIGNED_IN, VISITOR, endpoints, visits

# WCAG 2.2, 2.5.8: a square of 24 CSS pixels, but for links within a sentence.
TOO_SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, textarea")]
    .filter((el) => el.type !== "hidden" && el.checkVisibility() && !el.closest("p, .skip-link"))
    .filter((el) => { const { width, height } = el.getBoundingClientRect();
                      return width < 24 || height < 24; })
    .map((el) => el.outerHTML)"""


def test_no_page_is_forgotten(server):
    """Whoever adds a page to the bank adds it to `pages.py`; then every test of pages has it."""
    answers_to_get = {
        rule.endpoint for rule in server.app.url_map.iter_rules() if "GET" in rule.methods
    }

    assert answers_to_get - endpoints() - NO_PAGES.keys() == set()


def test_a_page_is_looked_at_by_whoever_may_see_it(sit_down):
    """No way in `pages.py` leads to a page that says no; only `problem` is meant to."""
    seen = {}
    for who in (None, *SIGNED_IN):
        desk = sit_down()
        if who:
            desk.sign_in(who)
        for name, reach in visits(SIGNED_IN[who] if who else VISITOR).items():
            before = len(desk.server.calls)
            reach(desk)
            pages = [call for call in desk.server.calls[before:] if "session" not in call.path]
            seen[who, name] = {call.status for call in pages} & {403, 404}

    wrong = {visit: odd for visit, odd in seen.items() if odd and "problem" not in visit[1]}
    assert wrong == {}
    assert seen[None, "problem-1"] == {404}


def test_every_page_keeps_to_its_policy(sit_down):
    """Without a checker in the way: no page, light or dark, wants anything that is refused.

    What is refused fails the desk and the server at the end of every test; that both would see it
    is the next test.
    """
    desk = sit_down()
    for reach in visits(VISITOR).values():
        reach(desk)
    for who, pages in SIGNED_IN.items():
        desk.sign_in(who)
        for reach in visits(pages).values():
            reach(desk)
            desk.page.emulate_media(color_scheme="dark")
            desk.page.emulate_media(color_scheme="light", forced_colors="active")
            desk.page.emulate_media(forced_colors="none")
        desk.context.clear_cookies()

    assert desk.problems == []
    assert desk.server.violations == []


@pytest.mark.parametrize(
    ("misdeed", "directive"),
    [
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
        ("document.body.append(Object.assign(new Image(), {src: 'data:,'}))", "img-src"),
        ("try { document.body.innerHTML = '<p>' } catch {}", "trusted-types"),
        ("fetch('https://127.0.0.1:1/').catch(() => {})", "connect-src"),
    ],
)
def test_what_the_policy_refuses_fails_a_test(desk, misdeed, directive):
    """It is seen twice: by the page's own event, and by the report to the server."""
    desk.page.goto("/login")

    with desk.page.expect_console_message(lambda each: each.text.startswith("policy violated")):
        desk.page.evaluate(f"() => {{ {misdeed} }}")
    desk.server.wait_for(lambda: desk.server.violations)

    told, reported = "".join(desk.problems), "".join(desk.server.violations)
    desk.problems.clear()
    desk.server.violations.clear()
    assert directive in told
    assert directive in reported


@pytest.mark.parametrize("who", [None, *SIGNED_IN])
def test_every_target_is_large_enough(sit_down, who):
    """On a telephone each button, link and field measures 24 CSS pixels each way."""
    desk = sit_down(viewport=dict(PHONE))
    if who:
        desk.sign_in(who)

    small = {}
    for name, reach in visits(SIGNED_IN[who] if who else VISITOR).items():
        reach(desk)
        desk.page.wait_for_load_state()
        small[name] = desk.page.evaluate(TOO_SMALL)

    assert {name: each for name, each in small.items() if each} == {}


def test_the_pages_take_their_colours_before_they_are_drawn(sit_down):
    """Dark from the first style sheet on, without a script that would let the light one flash."""
    desk = sit_down(color_scheme="dark", scripts=False)
    desk.sign_in(GEORGE)

    assert "prefers-color-scheme: dark" in desk.page.request.get("/static/bank.css").text()
    assert desk.page.locator("html").get_attribute("data-bs-theme") is None
    first = desk.page.locator("head > *").evaluate_all("(all) => all.map((el) => el.localName)")
    assert "script" not in first
