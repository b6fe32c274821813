"""What a page may replace: its warning, what comes before the end, ping, logout, and the end."""

import json
import re

import pytest
from playwright.sync_api import expect

from nightlatch.flask import assets
from tests.browser.desk import shown
from tests.browser.seed_page.conftest import watched
from tests.browser.seed_page.places import modal, once, stay
from tests.browser.warning import any_dialog, first_button, note

NOTES = "() => window.notes ?? []"
with_jquery = pytest.mark.parametrize("jquery", ["2.1.1", "3.7.1"], indirect=True)


def calls(server):
    """Return the paths that were posted to after signing in, in order."""
    return [call.path for call in server.calls if call.method == "POST" and call.path != "/login"]


def test_onwarning_is_called_once_and_nothing_of_ours_is_shown(seat):
    """A page that warns in its own way is left to it."""
    george = seat("{ onwarning() { (window.notes ??= []).push(this === sessMon); } }")

    george.pass_time(minutes=55)

    assert george.page.evaluate(NOTES) == [True]
    expect(any_dialog(george.page)).to_be_hidden()
    expect(modal(george.page)).to_be_hidden()


@once
def test_the_object_carries_every_option_and_its_function_extends(seat):
    """What the article's page reads from the object, and the function that it calls."""
    george = seat("{ onwarning() {} }")
    read = "() => [sessMon.sessionLifetime, sessMon.timeBeforeWarning, sessMon.minPingInterval]"
    assert george.page.evaluate(read) == [59 * 60_000, 10 * 60_000, 60_000]
    george.pass_time(minutes=50)

    george.page.evaluate("sessMon.extendsess()")
    george.settle()

    assert george.status()["idle_ms"] == 59 * 60_000


def test_a_call_before_the_modules_have_come_is_not_lost(sit_down):
    """The page's script goes on at once; what it called happens when the rest is there."""
    george = sit_down()
    george.sign_in()
    watched(george)

    george.page.evaluate("sessionMonitor({ pingUrl: '/session/extend' }).extendsess()")
    watched(george)

    assert len(george.server.calls_to("/session/extend")) == 2
    george.pass_time(minutes=50)
    expect(any_dialog(george.page)).to_have_count(1)


@once
def test_a_function_may_be_replaced_later(seat):
    """Methods are looked up when they are needed."""
    george = seat()
    george.page.evaluate("() => { sessMon.onwarning = () => (window.notes ??= []).push('later'); }")

    george.pass_time(minutes=50)

    assert george.page.evaluate(NOTES) == ["later"]


SAVES = {
    "nothing": "return;",
    "promise": "return save();",
    "rejected promise": "return save().then(() => Promise.reject('full'));",
    "throws": "save(); throw new TypeError('meant');",
}


@pytest.mark.parametrize("how", SAVES)
def test_onbeforetimeout_comes_first_and_the_end_waits_for_it(seat, how):
    """A draft is saved while the session is alive; then the server is told, then the page left."""
    george = seat(f"""{{
      onbeforetimeout() {{
        const save = () => fetch('/drafts', {{ method: 'POST' }});
        {SAVES[how]}
      }}
    }}""")

    george.pass_time(minutes=59)

    expect(george.page).to_have_url(re.compile("reason=idle$"))
    after = ["/drafts"] if how != "nothing" else []
    assert sorted(calls(george.server)) == sorted(["/session/extend", *after, "/session/end"])
    if how.endswith("promise"):
        assert calls(george.server)[-2:] == ["/drafts", "/session/end"]
        assert george.server.calls_to("/drafts")[0].status == 200
    # The page's own mistake is told to the page.
    assert george.problems == (["meant"] if how == "throws" else [])
    george.problems.clear()


@with_jquery
@pytest.mark.parametrize("outcome", ["resolve", "reject"])
def test_onbeforetimeout_may_return_a_deferred(seat, outcome):
    """JQuery's own kind of promise, old and new; both outcomes lead on."""
    george = seat(f"""{{
      onbeforetimeout() {{
        window.deferred = $.Deferred();
        document.addEventListener("settle-it", () => deferred.{outcome}("whatever"));
        return deferred;
      }}
    }}""")
    george.pass_time(minutes=59)
    assert not shown(george.page)
    assert "/session/end" not in calls(george.server)

    george.page.evaluate("document.dispatchEvent(new Event('settle-it'))")
    # jQuery 3 tells it by a timer.
    george.pass_time(seconds=1)

    expect(george.page).to_have_url(re.compile("reason=idle$"))


@once
def test_a_promise_that_never_settles_keeps_nothing_open(seat):
    """After ten seconds, with the page hidden all the while, the end goes on without it."""
    george = seat("{ onbeforetimeout: () => new Promise(() => {}) }")
    george.pass_time(minutes=59, seconds=9)
    assert not shown(george.page)
    assert "/session/end" not in calls(george.server)

    george.pass_time(seconds=1)

    expect(george.page).to_have_url(re.compile("reason=idle$"))


def test_ontimeout_is_told_why_and_what_it_does_not_leave_is_gone(seat):
    """The content is not in the document any more when the page stays."""
    george = seat("{ ontimeout(reason) { (window.notes ??= []).push(reason); } }")

    george.pass_time(minutes=59)
    assert george.page.evaluate(NOTES) == ["idle"]
    assert not shown(george.page)

    george.pass_time(seconds=10)
    assert george.page.locator("main").count() == 0
    assert george.page.evaluate(NOTES) == ["idle"]


@once
def test_a_session_that_was_revoked_is_told_as_that(seat):
    """The reason is the server's, not the page's guess."""
    george = seat("{ onbeforetimeout: (r) => (window.notes ??= []).push(r), ontimeout() {} }")
    george.server.end_everyone()
    george.pass_time(minutes=5)

    george.page.get_by_label("Note").press("x")
    george.settle()

    assert george.page.evaluate(NOTES) == ["revoked"]


PING = "fetch('/session/extend', { method: 'POST', body: JSON.stringify({ idle_for }) })"


@pytest.mark.parametrize("answer", ["response", "document"])
def test_a_ping_of_the_page_s_own_is_believed_as_far_as_it_says(seat, answer):
    """It is told how long ago the input was, and may return what the server said."""
    then = ".then((r) => r.json())" if answer == "document" else ""
    george = seat(
        f"{{ ping(idle_for) {{ (window.notes ??= []).push(idle_for); return {PING}{then}; }} }}"
    )
    george.pass_time(seconds=20)
    george.page.get_by_label("Note").press("x")
    george.pass_time(seconds=40)

    assert george.page.evaluate(NOTES) == [0, 40_000]
    assert json.loads(george.server.calls_to("/session/extend")[1].body) == {"idle_for": 40_000}
    george.server.end_everyone()
    george.pass_time(minutes=2)
    george.page.get_by_label("Note").press("x")
    expect(george.page).to_have_url(re.compile("/logged-out"))


@pytest.mark.parametrize("how", ["response", "rejection"])
@pytest.mark.parametrize(("code", "ended"), [(401, True), (440, True), (403, False), (500, False)])
@pytest.mark.parametrize(("jquery", "routes"), [("none", "copied")], indirect=True)
def test_any_server_may_say_that_the_session_has_ended(seat, how, code, ended):
    """401 and its older relative end the page at once; other refusals are no such news."""
    answer = {
        "response": f"Promise.resolve(new Response('No', {{ status: {code} }}))",
        "rejection": f"Promise.reject({{ status: {code} }})",
    }
    george = seat()
    george.pass_time(minutes=5)
    george.page.evaluate(f"() => {{ sessMon.ping = () => {answer[how]}; }}")

    george.page.get_by_label("Note").press("x")

    if ended:
        expect(george.page).to_have_url(re.compile("/logged-out"))
    else:
        george.settle()
        assert shown(george.page)
        # It was not confirmed either: the time goes on from the last ping that was.
        george.pass_time(minutes=45)
        expect(any_dialog(george.page)).to_be_visible()


@with_jquery
def test_a_ping_by_jquery_is_understood_when_it_fails_too(seat, jquery):
    """The article's own way to ping, whose failure nobody heard."""
    george = seat("{ ping: () => $.ajax({ type: 'POST', url: '/session/extend' }) }")
    # jQuery 3 tells every outcome by a timer.
    george.pass_time(seconds=1)
    george.pass_time(minutes=50)
    george.server.fail("/session/extend", "500")
    stay(george.page, jquery).click()
    george.pass_time(seconds=1)
    expect(note(george.page)).to_have_text(re.compile("^Not confirmed"))
    george.server.heal()
    first_button(george.page).click()
    george.pass_time(seconds=5)
    expect(any_dialog(george.page)).to_be_hidden()

    george.pass_time(minutes=50)
    george.server.end_everyone()
    stay(george.page, jquery).click()
    george.pass_time(seconds=1)

    expect(george.page).to_have_url(re.compile("/logged-out"))


@once
@pytest.mark.parametrize("routes", ["copied"], indirect=True)
def test_a_ping_that_says_nothing_counts_as_done(seat, jquery):
    """There is nothing else to go by; a page that wants to know returns the promise."""
    george = seat("{ ping() { fetch('/ping', { method: 'POST' }).then((r) => r.text()); } }")
    george.pass_time(minutes=50)

    stay(george.page, jquery).click()
    george.settle()

    george.pass_time(minutes=48, seconds=58)
    expect(any_dialog(george.page)).to_be_hidden()


def test_logout_may_be_replaced(seat):
    """The dialog's button calls it, and nothing of ours signs out beside it."""
    george = seat("{ logout() { (window.notes ??= []).push('out'); }, onwarning: undefined }")
    george.page.evaluate("sessMon.logout()")

    assert george.page.evaluate(NOTES) == ["out"]
    assert "/session/end" not in calls(george.server)


@once
def test_a_token_against_forgery_goes_along(seat):
    """From the `meta` element that Flask-WTF, Rails and Laravel all use."""
    george = seat()
    george.page.evaluate("""() => {
      const meta = document.createElement("meta");
      meta.name = "csrf-token";
      meta.content = "token";
      document.head.append(meta);
    }""")

    with george.page.expect_request("**/session/extend") as asked:
        george.page.evaluate("sessMon.ping().then(() => {})")

    assert asked.value.headers["x-csrf-token"] == "token"


@once
def test_the_events_of_the_module_are_there_too(seat):
    """Whoever wants to know more than the article offered listens on the document."""
    george = seat("{ onwarning() {} }")
    george.page.evaluate("""() => { for (const name of ["warn", "extend", "end"])
      document.addEventListener(`nightlatch:${name}`, () => (window.notes ??= []).push(name)); }""")
    george.pass_time(minutes=50)

    george.page.evaluate("sessMon.extendsess()")
    george.settle()

    assert george.page.evaluate(NOTES) == ["warn", "extend"]


@once
def test_after_stop_nothing_happens_any_more(seat):
    """No ping, no warning, no end: the server alone goes on counting."""
    george = seat()
    george.page.evaluate("sessMon.stop()")
    before = len(george.server.calls)

    george.pass_time(minutes=70)
    george.page.mouse.click(5, 5)

    assert len(george.server.calls) == before
    assert shown(george.page)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{ sessionLifetime: -60000 }", "sessionLifetime is -60000"),
        ("{ sessionLifetime: NaN }", "sessionLifetime is NaN"),
        ("{ timeBeforeWarning: 3600000 }", "timeBeforeWarning is 3600000"),
        ("{ timeBeforeWarning: 19999 }", "at least 20000"),
        ("{ minPingInterval: -1 }", "minPingInterval is -1"),
        ("{ pingUrl: '' }", "pingUrl is "),
        ("{ timeoutUrl: 5 }", "timeoutUrl is 5"),
        ("{ timeoutUrl: 'javascript:0' }", "timeoutUrl is javascript:0"),
        ("{ logoutUrl: 'http://' }", "logoutUrl is http://"),
        ("{ activityEvents: '' }", "activityEvents is "),
        ("{ ontimeout: 'leave' }", "ontimeout is leave"),
    ],
)
@once
def test_an_option_that_cannot_be_right_is_refused_by_name(seat, options, said):
    """At once, where the page calls it, and whatever watched before goes on."""
    george = seat()

    error = george.page.evaluate(f"""() => {{
      try {{ sessionMonitor({options}); }} catch (e) {{ return `${{e.name}}: ${{e.message}}`; }}
    }}""")

    assert error.startswith("TypeError: sessionMonitor: ")
    assert said in error
    george.pass_time(minutes=50)
    expect(any_dialog(george.page)).to_be_visible()


@pytest.mark.parametrize("lifetime_days", [31, 180])
@once
def test_a_life_of_months_is_no_life_of_none(seat, lifetime_days):
    """31 days were 0 ms on the article's server, and timers fire at once beyond 2^31 ms."""
    george = seat(f"{{ sessionLifetime: {lifetime_days} * 24 * 3600000 }}")

    george.pass_time(minutes=5)

    assert shown(george.page)
    expect(any_dialog(george.page)).to_be_hidden()


@once
def test_modules_that_did_not_come_are_asked_for_again(sit_down):
    """A network that failed for a moment leaves no page unwatched; time counts from the load."""
    george = sit_down()
    core = f"/session/assets/{assets.version()}/session-monitor-core.js"
    george.server.fail(core, "500")
    george.sign_in()
    george.server.wait_for(lambda: george.server.calls_to(core, "GET"))
    george.settle()
    george.pass_time(seconds=3)
    assert george.server.calls_to("/session/extend") == []

    george.server.heal()
    george.pass_time(seconds=3)
    watched(george)

    assert len(george.server.calls_to("/session/extend")) == 1
    george.pass_time(minutes=59)
    expect(george.page).to_have_url(re.compile("reason=idle$"))
