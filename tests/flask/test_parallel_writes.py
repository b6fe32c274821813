"""Two requests at a time that write different keys, a thousand times each, on one SQLite file."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import request, session

from tests.flask.apps import bare_app
from tests.flask.browser import Browser

CHANGES = 1_000


def test_two_thousand_changes_of_different_keys_by_two_parallel_browsers_are_all_there(tmp_path):
    """Each pair of requests starts at once; neither ever undoes what the other has stored."""
    app = bare_app(store=f"sqlite:///{tmp_path}/sessions.db")

    @app.post("/note")
    def note():
        session[request.form["key"]] = 1
        return ""

    george = Browser(app)
    george.submit("/sign-in", user="george")
    together = Barrier(2, timeout=60)

    def write(name):
        browser = Browser(app)
        browser.token = george.token
        for number in range(CHANGES):
            together.wait()
            assert browser.submit("/note", key=f"{name}{number}").status_code == 200

    with ThreadPoolExecutor(2) as pool:
        for written in [pool.submit(write, name) for name in "ab"]:
            written.result()

    values = george.go("/values").json
    assert len(values) == 2 * CHANGES
    assert values.keys() == {f"{name}{number}" for name in "ab" for number in range(CHANGES)}
    app.extensions["nightlatch"].manager.close()
