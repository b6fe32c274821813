"""A clock that is wrong and a network that is slow: only the server's count matters."""

import pytest
from playwright.sync_api import expect

from tests.browser.warning import count, first_button, warning

DAY_S = 86_400


@pytest.mark.parametrize("skew_s", [-DAY_S, -600, 600, DAY_S])
def test_08_a_wrong_clock_warns_and_ends_at_the_right_time(sit_down, skew_s):
    """Ten minutes or a whole day slow or fast: remaining times need no agreement about now."""
    desk = sit_down(skew_s=skew_s)
    desk.sign_in()

    desk.pass_time(minutes=48, seconds=59)
    assert not warning(desk.page).is_visible()
    desk.pass_time(seconds=1)
    expect(warning(desk.page)).to_be_visible()
    expect(count(desk.page)).to_have_text("10:00")
    first_button(desk.page).click()
    expect(warning(desk.page)).to_be_hidden()
    desk.pass_time(minutes=48, seconds=59)
    assert not warning(desk.page).is_visible()
    desk.pass_time(seconds=1)

    expect(warning(desk.page)).to_be_visible()


def test_08_a_slow_answer_can_only_shorten_what_is_shown(george):
    """Six seconds on its way: the page counts from when it asked."""
    george.server.fail("/session", "hold")
    george.pass_time(minutes=49, seconds=5)
    expect(count(george.page)).to_have_text("9:55")

    george.server.heal()
    george.settle()
    george.pass_time(seconds=1)

    minutes, seconds = map(int, count(george.page).text_content().split(":"))
    left_s = george.status()["idle_ms"] / 1000
    assert left_s - 7 <= minutes * 60 + seconds <= left_s
