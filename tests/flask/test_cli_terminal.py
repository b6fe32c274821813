"""The commands as a person starts them: a process, and a terminal that shows progress."""

import os
import pty
import sqlite3
import subprocess
import sys

import pytest

APP = """
from flask import Flask
from nightlatch.flask import Nightlatch
app = Flask(__name__, instance_path={folder!r})
Nightlatch(app)
"""


@pytest.fixture
def start(tmp_path):
    """Starts ``flask --app small nightlatch …`` on an application in a folder of its own."""
    (tmp_path / "small.py").write_text(APP.format(folder=str(tmp_path)), encoding="utf-8")

    def process(*arguments, term="xterm", **options):
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "small", "nightlatch", *arguments],
            cwd=tmp_path,
            timeout=60,
            env=os.environ | {"PYTHONIOENCODING": "ascii", "TERM": term},
            **options,
        )

    return process


@pytest.fixture
def on_a_terminal(start):
    """Starts it with a terminal for stderr; what stood on stdout, and on the terminal."""

    def process(*arguments, term="xterm"):
        ours, theirs = pty.openpty()
        try:
            seen = start(*arguments, term=term, stdout=subprocess.PIPE, stderr=theirs, text=True)
            os.set_blocking(ours, False)
            try:
                shown = os.read(ours, 4000)
            except BlockingIOError:
                shown = b""
        finally:
            os.close(ours)
            os.close(theirs)
        return seen.stdout, shown

    return process


LONG = [
    (["sweep"], b"Sweeping", "Ended: 0, removed: 0\n"),
    (["end", "--all"], b"Ending", "Ended: 0\n"),
    (["list", "--json"], b"Reading", "[]\n"),
    (["stats", "--json"], b"Counting", '{"live": 0, "signed_in": 0, "visitors": 0, "users": 0}\n'),
]


@pytest.mark.parametrize(("arguments", "label", "result"), LONG)
def test_what_can_be_long_shows_its_progress_on_a_terminal(on_a_terminal, arguments, label, result):
    """On stderr, so that the result on stdout stays what a program reads."""
    stdout, shown = on_a_terminal("sessions", *arguments)

    assert stdout == result
    assert label in shown
    assert b"###" in shown


@pytest.mark.parametrize(("arguments", "label", "result"), LONG)
def test_no_progress_is_shown_where_nobody_watches(on_a_terminal, start, arguments, label, result):
    """Neither in a file, as cron's, nor on a terminal that cannot go back in a line."""
    piped = start("sessions", *arguments, capture_output=True, text=True)

    assert (piped.stdout, piped.stderr) == (result, "")
    assert on_a_terminal("sessions", *arguments, term="dumb") == (result, b"")


def test_an_application_that_cannot_start_says_why_without_a_traceback(start, tmp_path):
    """A file that is no store: exit code 2, one line, and the file stays as it was."""
    file = tmp_path / "nightlatch.db"
    file.write_text("a letter, not a database. " * 100)

    seen = start("sessions", "list", capture_output=True, text=True)

    assert (seen.returncode, seen.stdout) == (2, "")
    assert seen.stderr.startswith("Error: the application did not start: ")
    assert "Traceback" not in seen.stderr
    assert file.read_text().startswith("a letter")


def test_a_store_that_another_program_holds_at_the_start_is_out_of_reach(start, tmp_path):
    """Exit code 3, also for check: without its store the application does not start."""
    holder = sqlite3.connect(tmp_path / "nightlatch.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        seen = start("check", capture_output=True, text=True)
    finally:
        holder.close()

    assert (seen.returncode, seen.stdout) == (3, "")
    assert seen.stderr.startswith("Error: the session store is out of reach (")
    assert "Traceback" not in seen.stderr


def test_the_list_is_written_to_an_ascii_stream(start, tmp_path):
    """O’Connor’s session is listed where only ASCII can be written."""
    from nightlatch import Limits, Manager
    from nightlatch.stores.sqlite import SqliteStore

    manager = Manager(SqliteStore(tmp_path / "nightlatch.db"), Limits())
    manager.start("O’Connor")
    manager.close()

    seen = start("sessions", "list", capture_output=True)

    assert b"O\\u2019Connor" in seen.stdout
    assert seen.stderr == b"1 live session\n"
