"""What it leaves behind, what it refuses at the start, and what the policy lets it do."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.warning import first_button, warning

LISTENERS = """(() => {
  const count = { added: 0 };
  globalThis.listeners = count;
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, heard, options) {
    // Those on the page, which lives on; others go with what they are on.
    if (this === window || this === document) {
      count.added++;
      const less = () => count.added--;
      if (options?.signal) addEventListener.call(options.signal, "abort", less);
    }
    return addEventListener.call(this, type, heard, options);
  };
})()"""
MODULE = "document.querySelector('script[data-nightlatch]').src"
WRONG = {
    "status": ["null", "'{}'", "'no JSON'", "({state: 'active', idle_ms: NaN})"],
    "pingEveryMs": ["0", "-1", "NaN", "Infinity", "undefined"],
    "url": ["undefined", "''", "'https://elsewhere.example/session'"],
    "endedUrl": ["undefined", "null", "'javascript:alert(1)'"],
}


@pytest.mark.parametrize(
    "timing", [{"idle": 60 * 24 * 180, "absolute": 60 * 24 * 360}], indirect=True
)
def test_07_half_a_year_is_no_reason_to_sign_anybody_out_at_once(george):
    """Browsers' timers count to 24 days only."""
    george.pass_time(minutes=1)
    for _ in range(3):
        george.skip(seconds=10 * 86_400)

    expect(george.page.get_by_role("heading", level=1)).to_contain_text("Welcome")
    assert not warning(george.page).is_visible()
    assert george.server.calls_to("/session/end") == []


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_07_a_wrong_option_is_refused_by_its_name(george, name, value):
    """And whoever watched before goes on: what is refused changes nothing."""
    said = george.page.evaluate(f"""async () => {{
        const {{ start }} = await import({MODULE});
        const data = document.querySelector("script[data-nightlatch]").dataset;
        try {{ start({{ ...data, {name}: {value} }}); }} catch (error) {{ return String(error); }}
    }}""")

    assert re.match(f"TypeError: nightlatch: {name} is .*, it must be ", said)
    george.pass_time(minutes=49)
    expect(warning(george.page)).to_be_visible()


def test_39_under_a_strict_policy_nothing_it_does_is_refused(george):
    """Warn, stay, warn again, fail, and leave; and the policy is the one that it claims to be."""
    with george.page.expect_response("**/") as page:
        george.page.reload()
    george.pass_time(minutes=50)
    first_button(george.page).click()
    expect(warning(george.page)).to_be_hidden()
    george.pass_time(minutes=50)
    george.server.fail("/session/extend", "500")
    first_button(george.page).click()
    george.pass_time(minutes=10)
    expect(george.page).to_have_url(re.compile("reason=idle"))

    policy = page.value.headers["content-security-policy"]
    assert george.problems == []
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "blob:" not in policy


def test_39_a_violation_would_be_heard(george):
    """Otherwise the test above, and this rule for all the others, would prove nothing."""
    george.page.evaluate("document.body.setAttribute('style', 'color: red')")
    george.settle()
    george.server.wait_for(lambda: george.server.violations)
    found, george.problems[:] = list(george.problems), []
    reported, george.server.violations[:] = list(george.server.violations), []

    assert len(found) >= 1
    assert all("Content Security Policy" in each or "policy violated" in each for each in found)
    assert all("style-src" in each for each in reported)


@pytest.mark.parametrize("timing", [{"idle": 60, "absolute": 60 * 24 * 30}], indirect=True)
def test_40_a_hundred_warnings_and_starts_leave_no_listener_behind(sit_down):
    """As many as after the first; and none when it is stopped."""
    desk = sit_down()
    desk.context.add_init_script(LISTENERS)
    desk.sign_in()
    own = desk.page.evaluate("listeners.added")
    assert own > 10

    for _ in range(100):
        desk.skip(seconds=49 * 60 + 5)
        expect(warning(desk.page)).to_be_visible()
        first_button(desk.page).click()
        expect(warning(desk.page)).to_be_hidden()
    after_warnings = desk.page.evaluate("listeners.added")
    for _ in range(20):
        desk.page.evaluate(f"import({MODULE}).then((module) => module.start())")
    after_starts = desk.page.evaluate("listeners.added")
    assert desk.page.locator("dialog.nightlatch").count() <= 1
    desk.page.evaluate(f"import({MODULE}).then((module) => module.stop())")

    left = desk.page.evaluate("listeners.added")
    assert after_warnings == after_starts == own
    assert left == 0
    assert desk.page.locator("dialog.nightlatch").count() == 0
