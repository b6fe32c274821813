"""Every cell of the matrix: each way into a log, by each kind of handler, from each logger."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bank.audit import redaction
from tests.bank.audit.ways import HANDLERS, TOKEN, WAYS, root_of

ROOT = Path(__file__).parents[3]
# What a line shows where the secret was, or arguments that could not be shown.
TRACES = ("***", "[not formatted: its arguments do not fit; they were: ")
# The last resort prints the message alone.
SHOWN_BY_NOBODY = ("extra", "last-resort handler")


@pytest.fixture
def log() -> logging.Logger:
    """A logger two levels below a root of its own, which no test tool has joined."""
    loggers = logging.Manager(logging.RootLogger(logging.WARNING))
    return loggers.getLogger("bank_test.a.b")


def shown_by(
    log: logging.Logger, way: str, handler: str, capsys: pytest.CaptureFixture[str]
) -> str:
    out = io.StringIO()
    stop = HANDLERS[handler](log, out)

    WAYS[way](log, TOKEN)

    if callable(stop):
        stop()
    return out.getvalue() + "".join(capsys.readouterr())


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_reaches_no_handler_added_later(
    guard: None, log: logging.Logger, capsys: pytest.CaptureFixture[str], way: str, handler: str
) -> None:
    """From a child logger, whatever way it takes; what is shown tells that something was there."""
    shown = shown_by(log, way, handler, capsys)

    assert (way, handler) == SHOWN_BY_NOBODY or any(trace in shown for trace in TRACES), shown
    assert "S3cret" not in shown


@pytest.mark.parametrize("handler", [name for name in HANDLERS if "parent" not in name])
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_logged_by_the_root_logger_reaches_no_handler(
    guard: None, log: logging.Logger, capsys: pytest.CaptureFixture[str], way: str, handler: str
) -> None:
    """The root logger itself is a logger like any other."""
    shown = shown_by(root_of(log), way, handler, capsys)

    assert (way, handler) == SHOWN_BY_NOBODY or any(trace in shown for trace in TRACES), shown
    assert "S3cret" not in shown


@pytest.mark.parametrize("way", WAYS)
def test_a_handler_that_was_there_first_is_guarded_too(
    log: logging.Logger, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    """It does not matter which came first, the handler or the guard."""
    redaction.uninstall()
    out = io.StringIO()
    HANDLERS["handler of the root"](log, out)
    redaction.install()
    try:
        WAYS[way](log, TOKEN)
    finally:
        redaction.uninstall()

    shown = out.getvalue() + "".join(capsys.readouterr())
    assert any(trace in shown for trace in TRACES), shown
    assert "S3cret" not in shown


@pytest.mark.parametrize(
    "handler", ["handler of the logger", "handler of the root", "QueueHandler"]
)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_cell_leaks_without_the_guard(
    log: logging.Logger, capsys: pytest.CaptureFixture[str], way: str, handler: str
) -> None:
    """The matrix is a test: nothing but the guard holds the secret back."""
    redaction.uninstall()

    shown = shown_by(log, way, handler, capsys)

    assert "S3cret" in shown


@pytest.mark.parametrize("how", ["dictConfig", "fileConfig"])
def test_logging_that_is_configured_after_the_start_is_guarded(how: str, tmp_path: Path) -> None:
    """In a real process: a configured logger, its child, the bank's own, and the root."""
    log = tmp_path / "log.txt"

    done = subprocess.run(
        [sys.executable, "-m", "tests.bank.audit.configured", how, str(log)],
        cwd=ROOT,
        env=os.environ | {"BANK_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )

    text = log.read_text(encoding="utf-8")
    for way in WAYS:
        assert text.count(f"now: {way}\n") == 4, way
    assert text.count("the cookie was ***") >= 12
    assert "S3cret" not in text + done.stdout + done.stderr
