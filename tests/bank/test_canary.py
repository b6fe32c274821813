"""The watch over the suite itself: that it sees what it is there for."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from flask import Flask

from bank.audit import redaction
from bank.signin.passwords import make_hash
from tests.bank.canary import HASH, Canary
from tests.bank.signin.samples import SAMPLES
from tests.bank.visitor import Visitor

TYPED = "canary horse battery"


@pytest.fixture
def watch() -> Canary:
    """One of its own, so that what it finds does not count against the suite."""
    canary = Canary()
    canary.type({"username": "george", "password": TYPED})
    return canary


def test_a_password_that_was_typed_is_found(watch: Canary) -> None:
    """Only what stands in a field for passwords counts, and no short or well-known word."""
    watch.type({"username": "somebody else", "password": "o’connor", "new_password": "short"})

    watch.read("page", f"<p>{TYPED}</p> somebody else o’connor short")

    assert watch.take() == ["a password in the page"]
    watch.read("page", TYPED)
    assert watch.take() == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if "sha1" not in name and name != "md5"])
def test_a_hash_is_found_by_its_shape(watch: Canary, name: str) -> None:
    """Every format that has one."""
    watch.read("page", f"x {SAMPLES[name].stored} x")

    assert watch.take() == ["a hash in the page"]


def test_a_log_record_is_read_as_a_handler_would(watch: Canary) -> None:
    """The arguments and the traceback, once the guard is there to be tested."""
    record = logging.LogRecord("x", logging.DEBUG, "x", 1, "is %s", (make_hash("x"),), None)
    redaction.uninstall()
    watch.emit(record)
    assert watch.take() == []

    redaction.install()
    watch.emit(record)
    assert watch.take() == []  # the guard has hidden it
    guarded, redaction.scrub = redaction.scrub, str
    try:
        watch.emit(record)
    finally:
        redaction.scrub = guarded
    assert watch.take() == ["a hash in the log of x"]


def test_a_file_is_read(watch: Canary, tmp_path: Path) -> None:
    """What the trail wrote is searched; what cannot be read is not there to be read."""
    (tmp_path / "trail.txt").write_text(f"{TYPED}\n", encoding="utf-8")

    watch.read_files([tmp_path / "trail.txt", tmp_path / "gone.txt"])

    assert watch.take() == ["a password in the trail.txt"]


def test_a_page_of_the_suite_is_read(app: Flask, canary: Canary) -> None:
    """The watch that is on reads what a visitor is sent: here a page that leaks."""
    app.add_url_rule("/leak", view_func=lambda: make_hash("x"))

    Visitor(app).get("/leak")

    assert canary.take() == ["a hash in the page /leak (200)"]
    assert HASH.search(make_hash("x"))
