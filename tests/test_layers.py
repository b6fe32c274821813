"""Who may import whom, checked from the code's own imports and in a clean process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.layers import faults

ROOT = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path):
    """A copy of the library and the bank that a test may spoil."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignore)
    shutil.copytree(ROOT / "bank", tmp_path / "bank", ignore=ignore)
    return tmp_path


def spoil(root, path, line):
    """Put one more import at the end of a file."""
    file = root / path
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_every_import_is_one_that_the_table_allows():
    """The bank and dev -> adapters -> manager -> core and stores.base -> standard library."""
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("path", "line", "fault"),
    [
        ("src/nightlatch/stores/memory.py", "import flask", "may not import flask"),
        (
            "src/nightlatch/stores/sqlite.py",
            "from nightlatch.manager import Manager",
            "may not import nightlatch.manager",
        ),
        (
            "src/nightlatch/stores/memory.py",
            "from ..flask import Nightlatch",
            "may not import nightlatch.flask",
        ),
        (
            "src/nightlatch/manager.py",
            "def choose():\n    from nightlatch.stores.sqlite import SQLiteStore",
            "may not import nightlatch.stores.sqlite",
        ),
        (
            "src/nightlatch/flask/__init__.py",
            "from nightlatch.stores import memory",
            "may not import nightlatch.stores.memory",
        ),
        (
            "src/nightlatch/stores/__init__.py",
            "from nightlatch.stores.memory import MemoryStore",
            "only inside the function",
        ),
        ("src/nightlatch/policy.py", "import sqlite3", "may not import sqlite3"),
        ("src/nightlatch/stores/memory.py", "import sqlite3", "may not import sqlite3"),
        (
            "src/nightlatch/stores/memory.py",
            "from nightlatch.stores.sqlite import SqliteStore",
            "may not import nightlatch.stores.sqlite",
        ),
        ("src/nightlatch/policy.py", "import msgspec", "may not import msgspec"),
        ("src/nightlatch/policy.py", "import time\nNOW = time.time()", "may not read the time"),
        ("src/nightlatch/record.py", "from time import time_ns", "may not read the time"),
        (
            "src/nightlatch/manager.py",
            "import datetime\nNOW = datetime.datetime.now(datetime.UTC)",
            "may not read the time",
        ),
        (
            "src/nightlatch/manager.py",
            "from nightlatch.testing import FakeClock",
            "may not import nightlatch.testing",
        ),
        ("bank/__init__.py", "from nightlatch.manager import Manager", "may not import nightlatch"),
        ("bank/__init__.py", "import nightlatch.testing", "may not import nightlatch.testing"),
        ("src/nightlatch/events.py", "import bank", "may not import bank"),
    ],
)
def test_an_import_that_is_not_allowed_is_reported(copy, path, line, fault):
    """One more wrong import gives exactly one more line, and it names the file and the fault."""
    before = faults(copy)
    spoil(copy, path, line)

    (found,) = set(faults(copy)) - set(before)

    assert found.startswith(f"{path}:")
    assert fault in found


def test_importing_nightlatch_loads_the_standard_library_only():
    """In a clean process nothing but nightlatch itself and the standard library is loaded."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import nightlatch; "
        "print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    )

    # -I and -S keep site-packages, the environment and coverage's own start-up hook out.
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(ROOT / "src")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert set(loaded) - sys.stdlib_module_names - {"__main__"} == {"nightlatch"}


def test_importing_nightlatch_where_flask_is_installed_does_not_load_it():
    """The front door imports no adapter and no driver, even where they are at hand."""
    script = "import sys, nightlatch; print('\\n'.join(sys.modules))"
    # Coverage, when it measures this run, would start in the new process and load its own.
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("COV")}

    loaded = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    packages = {name.partition(".")[0] for name in loaded}
    assert packages.isdisjoint({"flask", "flask_login", "werkzeug", "msgspec"})
    assert "sqlite3" not in packages
