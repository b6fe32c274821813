"""The browser half's files over HTTP."""

import pytest

from nightlatch.flask import assets


def address(name, version=None):
    """Where a file is."""
    return f"/session/assets/{version or assets.version()}/{name}"


@pytest.mark.parametrize(
    ("name", "kind"), [("nightlatch.js", "text/javascript"), ("nightlatch.css", "text/css")]
)
def test_a_file_may_be_kept_for_a_year_under_its_current_address(browser, name, kind):
    """With the type that a browser asks of a module, whatever the machine would guess."""
    response = browser.fetch(address(name))

    assert response.status_code == 200
    assert response.mimetype == kind
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.data == (assets.FOLDER / name).read_bytes()


def test_every_file_of_the_folder_can_be_had(browser):
    """Modules import each other."""
    assert {"nightlatch.js", "nightlatch.css", "monitor.js"} <= assets.names()
    for name in assets.names():
        assert browser.fetch(address(name)).status_code == 200


def test_an_older_address_gives_the_current_file_for_now(browser):
    """A page from before an update still works, but nothing keeps what it got."""
    response = browser.fetch(address("nightlatch.js", "0" * 12))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


def test_under_a_session_they_are_as_public_as_without(george):
    """They are the same for everybody, and no session is looked at."""
    response = george.fetch(address("nightlatch.js"))

    assert "no-store" not in response.headers["Cache-Control"]
    assert "Cookie" not in response.vary
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "",
        "NIGHTLATCH.JS",
        "../nightlatch/nightlatch.js",
        "..%2f..%2fmanager.py",
        "%2e%2e/%2e%2e/manager.py",
        "....//manager.py",
        "nightlatch.js%00.css",
        "nightlatch.js/",
        "%2fetc%2fpasswd",
        "..\\..\\manager.py",
    ],
)
def test_nothing_else_can_be_had(browser, name):
    """No other name, no way out of the folder."""
    assert browser.fetch(address(name)).status_code == 404


def test_the_address_changes_with_any_file(tmp_path, monkeypatch):
    """One tag for all of them, of their names and their contents."""
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    tags = []
    for name, text in (("a.js", "1"), ("a.js", "2"), ("b.css", "2"), ("notes.txt", "x")):
        (tmp_path / name).write_text(text)
        assets.names.cache_clear()
        assets.version.cache_clear()
        tags.append(assets.version())
    assets.names.cache_clear()
    assets.version.cache_clear()

    assert len(set(tags)) == 3
    assert tags[2] == tags[3], "only scripts and style sheets are served"
