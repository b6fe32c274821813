"""The application that docs/sessions-of-a-user.md tells people to write, run as it stands there."""

import re

import pytest

from nightlatch.flask import current_session
from nightlatch.testing import FakeClock
from tools.files import ROOT

PAGE = (ROOT / "docs" / "sessions-of-a-user.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "User-Agent": "<Known>"}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def app(clock, tmp_path, monkeypatch):
    """The example, with a store and a clock for the test and a way to sign in."""
    monkeypatch.setenv("NIGHTLATCH_STORE", "memory://")
    around = {
        "__name__": "example",
        "CLOCK": clock,
        "is_password_of": lambda user, typed: typed == f"{user}'s",
    }
    instance = f"Flask(__name__, instance_path={str(tmp_path)!r})"
    source = EXAMPLE.replace("Flask(__name__)", instance).replace(
        'reauth_view="confirm"', 'reauth_view="confirm", clock=CLOCK'
    )
    exec(compile(source, "example", "exec"), around)  # noqa: S102 - our own page, to be run
    app = around["app"]

    @app.post("/sign-in/<user>")
    def sign_in(user):
        current_session().sign_in(user, device="<Known>", address="203.0.113.7")
        return ""

    return app


@pytest.fixture
def sign_in(app):
    """Make browsers that are signed in."""

    def make(user="george"):
        client = app.test_client()
        client.post(f"/sign-in/{user}", headers=NAVIGATION)
        return client

    return make


def sids(client):
    """Return the handles that the list offers to end."""
    text = client.get("/sessions", headers=NAVIGATION).text
    return re.findall(r"/sessions/(\w+)/end", text)


def test_the_list_has_the_others_and_marks_this_one(sign_in):
    """Another user's is not on it, and what a browser says of itself is escaped."""
    here = sign_in()
    sign_in()
    sign_in("niamh")

    text = here.get("/sessions", headers=NAVIGATION).text

    assert len(sids(here)) == 1
    assert text.count("(this one)") == 1
    assert "&lt;Known&gt;, 203.0.113.7" in text


def test_another_one_is_ended_after_the_password_and_nobody_elses_at_all(sign_in, clock):
    """List, proof, question, end; a made-up handle and another user's are the same 404."""
    here, other, niamh = sign_in(), sign_in(), sign_in("niamh")
    (sid,) = sids(here)
    sign_in("niamh")
    (foreign,) = sids(niamh)
    clock.advance(minutes=5)

    asked = here.get(f"/sessions/{sid}/end", headers=NAVIGATION)
    assert asked.location == f"/confirm?next=%2Fsessions%2F{sid}%2Fend"
    form = {"next": f"/sessions/{sid}/end"}
    wrong = here.post("/confirm", data=form | {"password": "x"}, headers=NAVIGATION)
    assert wrong.status_code == 200
    right = here.post("/confirm", data=form | {"password": "george's"}, headers=NAVIGATION)
    done = here.post(right.location, headers=NAVIGATION)

    assert (done.status_code, done.location) == (303, "/sessions")
    assert other.get("/sessions", headers=NAVIGATION).status_code == 401
    assert niamh.get("/sessions", headers=NAVIGATION).status_code == 200
    for not_theirs in (sid, foreign, "made-up"):
        assert here.post(f"/sessions/{not_theirs}/end", headers=NAVIGATION).status_code == 404
