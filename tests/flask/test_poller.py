"""A page that polls for ever: two hours of it, moved by hand, keep nothing alive; one click does.

Every poller asks every five seconds. The limits are the defaults: an idle hour, to the second
from the last activity that was credited.
"""

import pytest
from flask import abort

from nightlatch.flask import current_session, passive
from tests.flask.apps import bare_app
from tests.flask.browser import NAVIGATION, SCRIPT, Browser

EVERY_S = 5
IDLE_S = 60 * 60
TWO_HOURS_S = 2 * IDLE_S

POLLERS = {
    "a_passive_page_that_reloads_itself": ("GET", "/prices", NAVIGATION),
    "a_script_on_a_passive_view": ("GET", "/prices", SCRIPT),
    "a_script_on_a_passive_view_that_posts": ("POST", "/prices", SCRIPT),
    "a_script_on_a_view_without_the_mark": ("GET", "/letters", SCRIPT),
    "head": ("HEAD", "/letters", NAVIGATION),
    "a_prefetch": ("GET", "/letters", NAVIGATION | {"Sec-Purpose": "prefetch"}),
    "a_hidden_tab_that_says_so": ("GET", "/letters", NAVIGATION | {"X-Nightlatch-Passive": "1"}),
    "a_frame": ("GET", "/letters", NAVIGATION | {"Sec-Fetch-Dest": "iframe"}),
    "who_asks_for_the_state": ("GET", "/session", SCRIPT),
}

every_poller = pytest.mark.parametrize("poller", POLLERS.values(), ids=POLLERS)


@pytest.fixture
def george(clock):
    """Signed in this second, at an application with a passive view and an ordinary one."""
    app = bare_app(clock=clock)

    def only_for_users():
        return current_session().user or abort(401)

    def prices():
        return only_for_users()

    app.add_url_rule("/prices", "prices", passive(prices), methods=["GET", "POST"])
    app.add_url_rule("/letters", "letters", only_for_users)
    browser = Browser(app)
    browser.submit("/sign-in", user="george")
    return browser


def served_until(browser, clock, poller, *, clicks_at=()):
    """Poll for two hours and return the second of the first poll that was not served.

    :param clicks_at: the seconds in which a person opens a page, after the poll.
    """
    refused = []
    for second in range(EVERY_S, TWO_HOURS_S + EVERY_S, EVERY_S):
        clock.advance(seconds=EVERY_S)
        answer = browser.ask(*poller)
        if answer.status_code == 401:
            refused.append(second)
        elif refused:
            pytest.fail(f"served at {second} s, having been refused at {refused[0]} s")
        if second in clicks_at:
            browser.go("/letters")
    assert refused, "it was served for two hours"
    return refused[0]


@every_poller
def test_an_endless_poller_keeps_no_session_alive(george, clock, poller):
    """Served until the idle limit and never again, as if it had not asked at all."""
    assert served_until(george, clock, poller) == IDLE_S


@every_poller
@pytest.mark.parametrize("second", [100, 1_800, IDLE_S - EVERY_S])
def test_one_click_beside_an_endless_poller_is_worth_one_idle_limit(george, clock, poller, second):
    """Whenever it comes, the session lives until the limit has passed since the click."""
    assert served_until(george, clock, poller, clicks_at=[second]) == second + IDLE_S


def test_a_click_after_the_end_brings_nothing_back(george, clock):
    """One tick too late is too late, with a poller or without."""
    poller = POLLERS["a_script_on_a_passive_view"]

    assert served_until(george, clock, poller, clicks_at=[IDLE_S, IDLE_S + 60]) == IDLE_S
