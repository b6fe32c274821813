"""The commands as a person starts them: a process, and a terminal that shows progress."""

import os
import pty
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
def flask(tmp_path):
    """Starts ``flask nightlatch sessions …`` on an application in a folder of its own."""
    (tmp_path / "small.py").write_text(APP.format(folder=str(tmp_path)), encoding="utf-8")

    def start(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "small", "nightlatch", "sessions", *arguments],
            cwd=tmp_path,
            check=True,
            timeout=60,
            env=os.environ | {"PYTHONIOENCODING": "ascii"},
            **options,
        )

    return start


def test_a_sweep_shows_its_progress_on_a_terminal_only(flask):
    """On stderr, so that the result on stdout stays one line."""
    ours, theirs = pty.openpty()
    try:
        seen = flask("sweep", stdout=subprocess.PIPE, stderr=theirs, text=True)
        progress = os.read(ours, 1000)
    finally:
        os.close(ours)
        os.close(theirs)

    assert seen.stdout == "Ended: 0, removed: 0\n"
    assert progress.startswith(b"\rEnded: 0, removed: 0")
    assert flask("sweep", capture_output=True, text=True).stderr == ""


def test_the_list_is_written_to_an_ascii_stream(flask, tmp_path):
    """O’Connor’s session is listed where only ASCII can be written."""
    from nightlatch import Limits, Manager
    from nightlatch.stores.sqlite import SqliteStore

    manager = Manager(SqliteStore(tmp_path / "nightlatch.db"), Limits())
    manager.start("O’Connor")
    manager.close()

    seen = flask("list", capture_output=True)

    assert b"O\\u2019Connor" in seen.stdout
    assert seen.stderr == b"1 live session\n"
