"""The routes that keep a form's unsent fields, and the helper for the view that has used them."""

from __future__ import annotations

import logging

import pytest
from flask import request

from nightlatch import Breaker, SettingError, StoreUnavailable
from nightlatch.drafts import Drafts
from nightlatch.flask import current_session, discard_draft
from nightlatch.flask.drafts import LONGEST_DRAFT, LONGEST_PAGE, MOST_FIELDS
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.memory_drafts import MemoryDrafts
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import FailingStore, bare_app
from tests.flask.browser import NAVIGATION, SCRIPT, Browser

PAGE = "/session/draft?page=/form"
FIELDS = {"payee": {"is": ["Siobhán O’Connor \N{HOUSE BUILDING}"], "was": [""]}}


class FailingDrafts(MemoryDrafts):
    """A store of drafts that can be out of reach."""

    down = False

    def drop(self, *args, **kwargs):
        """Answer, or not."""
        if self.down:
            raise StoreUnavailable("drop a draft", "the line is cut")
        return super().drop(*args, **kwargs)


class Plain:
    """A store of sessions that knows no drafts."""

    create = open = save = end = list = sweep = close = print


def add_form(app):
    """A page with a form, and views that use what it sends."""

    @app.post("/form")
    def form():
        return str(discard_draft())

    @app.post("/elsewhere")
    def elsewhere():
        return str(discard_draft(request.form["name"], path=request.form["where"]))

    @app.post("/caf\N{LATIN SMALL LETTER E WITH ACUTE}#1")
    def cafe():
        return str(discard_draft("order"))

    @app.post("/renew")
    def renew():
        current_session().step_up()
        return "renewed"

    return app


@pytest.fixture
def app(clock):
    return add_form(bare_app(clock=clock, drafts=True))


def offered(browser, page="/form", **more):
    """What the page is given when it asks."""
    return browser.ask("GET", "/session/draft", SCRIPT, query_string={"page": page, **more})


def put(browser, page="/form", headers=SCRIPT, **body):
    """Save a form as the browser half does."""
    if "sheet" not in body:
        body["sheet"] = offered(browser, page).json["sheet"]
    whole = {"serial": 1, "fields": FIELDS, **body}
    return browser.ask("PUT", "/session/draft", headers, query_string={"page": page}, json=whole)


def drop(browser, page="/form", headers=SCRIPT):
    """Drop it as *Discard* does."""
    return browser.ask("DELETE", "/session/draft", headers, query_string={"page": page})


def sign_in(app, user="george"):
    """A browser of somebody who has signed in."""
    browser = Browser(app)
    browser.submit("/sign-in", user=user)
    return browser


def test_a_form_is_kept_and_offered(george, clock):
    """What was typed, how long ago, and on which sheet; no cache keeps any of it."""
    saved = put(george)
    clock.advance(seconds=90)

    answer = offered(george)

    assert (saved.status_code, saved.json) == (200, {"kept": True})
    assert answer.json["draft"]["fields"] == FIELDS
    assert answer.json["draft"]["age_ms"] == 90_000
    assert answer.json["draft"]["sheet"] != answer.json["sheet"]
    for each in (saved, answer):
        assert each.headers["Cache-Control"] == "no-store"
        assert "Cookie" in each.vary


def test_nothing_is_there(george):
    """Absence is no error: the page gets a sheet to write on."""
    answer = offered(george)

    assert answer.status_code == 200
    assert answer.json["draft"] is None
    assert answer.json["sheet"]


def test_another_session_of_the_same_user_finds_it(app, george):
    """It belongs to the user, whichever browser they sign in with."""
    put(george)

    assert offered(sign_in(app)).json["draft"]["fields"] == FIELDS


def test_another_user_never_does(app, george):
    """Also in the very same browser, and not by the first one's sheet."""
    sheet = offered(george).json["sheet"]
    put(george, sheet=sheet)
    george.submit("/sign-in", user="O’Connor")

    assert offered(george).json["draft"] is None
    assert drop(george).json == {"dropped": False}
    refused = put(george, sheet=sheet, serial=2)
    assert (refused.status_code, refused.json["why"]) == (409, "dropped")
    assert offered(sign_in(app)).json["draft"]["fields"] == FIELDS


def test_a_page_of_another_session_is_told_nothing(george):
    """A page that was loaded for George does not show O’Connor's draft."""
    who = george.fetch("/session").json["who"]
    assert offered(george, who=who).status_code == 200
    george.submit("/sign-in", user="O’Connor")
    put(george)

    answer = offered(george, who=who)

    assert (answer.status_code, answer.json["why"]) == (409, "other-session")
    assert "draft" not in answer.json


@pytest.mark.parametrize("ask", [offered, lambda browser: put(browser, sheet="x"), drop])
def test_nobody_is_signed_in(app, ask):
    """401 and the status document, as from the other routes."""
    visitor = Browser(app)
    visitor.submit("/values", seen="yes")

    answer = ask(visitor)

    assert (answer.status_code, answer.json["state"]) == (401, "anonymous")


@pytest.mark.parametrize("ask", [offered, lambda browser: put(browser, sheet="x"), drop])
def test_the_session_has_ended(george, clock, ask):
    """401, and the reason."""
    clock.advance(hours=2)

    answer = ask(george)

    assert (answer.status_code, answer.json["reason"]) == (401, "idle")


def test_after_the_time_out_it_is_there(app, george, clock):
    """The same user signs in again and finds it."""
    put(george)
    clock.advance(hours=2)
    george.fetch("/session")

    assert offered(sign_in(app)).json["draft"]["fields"] == FIELDS


def test_after_a_day_it_is_not(app, george, clock):
    """24 hours after it was last saved."""
    put(george)
    clock.advance(hours=24)

    assert offered(sign_in(app)).json["draft"] is None


def test_signing_out_drops_it(app, george):
    """By the form or by script; and a save that is under way comes too late."""
    sheet = offered(george).json["sheet"]
    put(george, sheet=sheet)
    other = sign_in(app)
    george.submit("/session/end")

    assert offered(other).json["draft"] is None
    assert put(other, sheet=sheet, serial=2).json["why"] == "dropped"


def test_the_view_that_used_it_drops_it(george, clock):
    """And what the page still sends is not kept; a page that is opened later may write."""
    sheet = offered(george).json["sheet"]
    put(george, sheet=sheet)

    assert george.submit("/form").text == "True"

    assert offered(george).json["draft"] is None
    late = put(george, sheet=sheet, serial=2)
    assert (late.status_code, late.json["why"]) == (409, "dropped")
    assert put(george).status_code == 200
    assert [george.submit("/form").text, george.submit("/form").text] == ["True", "False"]


def test_a_view_at_another_address_says_which(george):
    """The page's path, and the name of its form."""
    put(george, "/form#second")

    answers = [
        george.submit("/elsewhere", where=path, name=name).text
        for path, name in (("/form", ""), ("/other", "second"), ("/form", "second"))
    ]

    assert answers == ["False", "False", "True"]


def test_a_path_is_the_same_quoted_and_unquoted(george):
    """Browsers quote what Flask does not; a # of the path is not that of the form."""
    put(george, "/caf%C3%A9%231#order")

    assert george.submit("/caf%C3%A9%231").text == "True"


def test_under_a_prefix_of_the_server(clock):
    """The browser sees the whole path; so does the helper."""
    app = add_form(bare_app(clock=clock, drafts=True))
    george = sign_in(app)
    put(george, "/bank/form")

    answer = george.ask("POST", "/form", NAVIGATION, environ_overrides={"SCRIPT_NAME": "/bank"})

    assert answer.text == "True"


def test_without_a_user_or_drafts_there_is_nothing_to_discard(app, clock):
    """The helper may stand in any view."""
    off = sign_in(add_form(bare_app(clock=clock)))

    assert Browser(app).submit("/form").text == "False"
    assert off.submit("/form").text == "False"


def test_a_view_does_not_fail_with_the_drafts(clock, caplog):
    """What the form has done is done; the log says that its draft is still there."""
    store = FailingDrafts()
    george = sign_in(add_form(bare_app(clock=clock, drafts=store)))
    put(george)
    store.down = True

    with caplog.at_level(logging.WARNING, "nightlatch"):
        answer = george.submit("/form")

    assert (answer.status_code, answer.text) == (200, "False")
    assert "A draft that was used could not be dropped" in caplog.text
    assert "Connor" not in caplog.text


def test_out_of_reach_is_503(clock):
    """For drafts and for sessions: try again, and nobody is signed out."""
    store = FailingDrafts()
    george = sign_in(bare_app(clock=clock, drafts=store))
    store.down = True
    sessions = FailingStore()
    ana = sign_in(bare_app(clock=clock, drafts=MemoryDrafts(), store=sessions))
    sessions.down = {"open"}

    answers = [drop(george), offered(ana)]

    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "Set-Cookie" not in answer.headers


def test_a_tab_does_not_overwrite_another(george):
    """The second is told so; a later save of the first is kept, an earlier one is not."""
    first, second = (offered(george).json["sheet"] for _ in range(2))
    put(george, sheet=first, serial=5)

    answers = [
        put(george, sheet=second, serial=9),
        put(george, sheet=first, serial=4),
        put(george, sheet=first, serial=6),
        put(george, sheet=second, serial=10, instead_of=first),
    ]

    told = [(answer.status_code, answer.json.get("why")) for answer in answers]
    assert told == [(409, "elsewhere"), (409, "late"), (200, None), (200, None)]


@pytest.mark.parametrize("ask", [offered, put, drop])
def test_it_is_no_activity(george, clock, ask):
    """Not even when a browser says that it navigates."""
    clock.advance(minutes=30)

    ask(george)
    for method in ("GET", "PUT", "DELETE"):
        george.ask(method, PAGE, NAVIGATION)

    assert george.fetch("/session").json["idle_ms"] == 29 * 60_000


@pytest.mark.parametrize("ask", [put, drop])
def test_other_sites_are_refused(george, ask):
    """A page elsewhere can neither write nor drop, also where a browser sends the cookie."""
    put(george)

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert ask(george, headers=headers).status_code == 403

    assert offered(george).json["draft"]["fields"] == FIELDS


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        "x",
        {"a": "x"},
        {"a": ["x"]},
        {"a": {"is": ["x"]}},
        {"a": {"is": ["x"], "was": "x"}},
        {"a": {"is": [1], "was": []}},
        {"a": {"is": ["x"], "was": [], "more": []}},
        {str(number): {"is": [], "was": []} for number in range(MOST_FIELDS + 1)},
    ],
)
def test_what_are_no_fields_is_refused(george, fields):
    """400, and what it should have been."""
    answer = put(george, fields=fields)

    assert answer.status_code == 400
    assert "fields must be an object" in answer.json["error"]
    assert offered(george).json["draft"] is None


@pytest.mark.parametrize("serial", [None, 0, -1, 1.5, "1", True, 2**53 + 1])
def test_a_serial_that_is_none_is_refused(george, serial):
    """400: without its order no save can be told from an older one."""
    answer = put(george, serial=serial)

    assert answer.status_code == 400
    assert "serial must be a whole number" in answer.json["error"]


@pytest.mark.parametrize("body", [{"sheet": None}, {"sheet": 7}, {"instead_of": ["x"]}])
def test_a_sheet_that_is_no_text_is_refused(george, body):
    """400; a text that is no sheet counts as one that was dropped."""
    answer = put(george, **body)

    assert answer.status_code == 400
    assert "must be texts" in answer.json["error"]
    assert put(george, sheet="made up").json["why"] == "dropped"


@pytest.mark.parametrize("page", ["", "form", "#form", "https://x/", "/" + "x" * LONGEST_PAGE])
def test_a_page_that_is_none_is_refused(george, page):
    """400 from all three."""
    for answer in (offered(george, page), put(george, page, sheet="x"), drop(george, page)):
        assert answer.status_code == 400
        assert "page must be the path" in answer.json["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 50_000])
def test_what_is_no_json_object_is_refused(george, body):
    """400, whatever it is."""
    answer = george.ask("PUT", PAGE, SCRIPT, data=body, content_type="application/json")

    assert answer.status_code == 400


def test_a_huge_draft_is_refused(george):
    """413; the largest that is allowed is kept whole."""
    sheet = offered(george).json["sheet"]
    room = LONGEST_DRAFT - 300
    largest = {"note": {"is": ["x" * room], "was": [""]}}

    refused = put(george, sheet=sheet, fields={"note": {"is": ["x" * LONGEST_DRAFT], "was": []}})
    kept = put(george, sheet=sheet, fields=largest)

    assert (refused.status_code, kept.status_code) == (413, 200)
    assert "60000 bytes" in refused.json["error"]
    assert offered(george).json["draft"]["fields"] == largest


def test_half_an_emoji_is_kept(tmp_path, clock):
    """A field that cuts at a length can leave one; it harms nothing, also on disk."""
    store = SqliteStore(tmp_path / "sessions.db")
    app = bare_app(clock=clock, store=store, drafts=True)
    george = sign_in(app)
    fields = {"__proto__": {"is": ["\ud83c", "a\0b"], "was": []}}

    put(george, fields=fields)

    assert offered(george).json["draft"]["fields"] == fields
    app.extensions["nightlatch"].manager.close()


def test_the_secret_before_the_last_only_reads(app, george):
    """As everywhere: it may ask, it changes nothing."""
    put(george)
    old = george.token
    george.submit("/renew")
    thief = Browser(app)
    thief.token = old

    sheet = offered(thief).json["sheet"]

    for answer in (put(thief, sheet=sheet, serial=9), drop(thief)):
        assert (answer.status_code, answer.json["why"]) == (409, "stale")
    assert offered(george).json["draft"]["fields"] == FIELDS


# The setting


@pytest.mark.parametrize("options", [{}, {"drafts": False}])
def test_they_are_off_unless_asked_for(clock, options):
    """404, and how to switch them on: what people type is not stored by accident."""
    george = sign_in(bare_app(clock=clock, **options))

    answer = offered(george)

    assert answer.status_code == 404
    assert "drafts=True" in answer.json["error"]


def test_a_store_of_ones_own(clock):
    """Anything with the methods of a store of drafts."""
    store = MemoryDrafts()
    george = sign_in(bare_app(clock=clock, drafts=store, store=Breaker(FailingStore())))

    put(george)

    assert Drafts(store, clock).offer("george", "/form#").draft is not None


def test_beside_the_sessions_through_a_breaker(clock):
    """A breaker that the application has put round its store itself is in nobody's way."""
    store = MemoryStore()

    put(sign_in(bare_app(clock=clock, drafts=True, store=Breaker(store))))

    assert Drafts(store.drafts(), clock).offer("george", "/form#").draft is not None


def test_sessions_that_know_no_place_for_them():
    """The application does not start, and hears why."""
    with pytest.raises(SettingError, match="a Plain that keeps no drafts"):
        bare_app(store=Plain(), drafts=True)


@pytest.mark.parametrize("given", ["yes", 1, MemoryStore()])
def test_what_is_no_setting(given):
    """True, False or a store of drafts; and nothing of a value that may hold a password."""
    with pytest.raises(SettingError, match=f"drafts is a {type(given).__name__}"):
        bare_app(drafts=given)


def test_they_are_no_part_of_the_session(george):
    """What is typed is not in flask.session."""
    put(george)

    assert george.fetch("/values").json == {}
