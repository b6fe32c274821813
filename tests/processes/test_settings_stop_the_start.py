"""A setting that cannot be right stops the start of a real process, with words that help."""

import os
import subprocess
import sys

import pytest

from tests.processes.server import BANK, PATIENCE_S, ROOT, command, environment

APP = """\
from datetime import timedelta
from flask import Flask
from nightlatch.flask import Nightlatch

app = Flask(__name__)
app.config.update({config})
Nightlatch(app, **dict({options}))
"""

# What is given, and what the message must name: the setting, its value, what is allowed.
IDLE = "idle=timedelta(minutes=15)"
CASES = {
    "warn as long as idle": (
        f"{IDLE}, warn=timedelta(minutes=15)",
        ("warn is 0:15:00", "0:00:20 or longer", "shorter than", "0:14:15"),
    ),
    "warn longer than idle": (
        f"{IDLE}, warn=timedelta(hours=1)",
        ("warn is 1:00:00", "0:00:20 or longer", "shorter than", "0:14:15"),
    ),
    "warn too short to answer": (
        f"{IDLE}, warn=timedelta(seconds=19)",
        ("warn is 0:00:19", "0:00:20 or longer", "WCAG 2.2.1"),
    ),
    "warn negative": (
        f"{IDLE}, warn=timedelta(seconds=-30)",
        ("warn is -0:00:30", "longer than zero"),
    ),
    "idle negative": (
        "idle=timedelta(minutes=-15)",
        ("idle is -0:15:00", "longer than zero", "400 days"),
    ),
    "idle zero": ("idle=timedelta(0)", ("idle is 0:00:00", "longer than zero")),
    "idle without a unit": ("idle=900", ("idle is 900", "a datetime.timedelta")),
    "absolute shorter than idle": (
        f"{IDLE}, absolute=timedelta(minutes=10)",
        ("absolute is 0:10:00", "idle (0:15:00) or longer"),
    ),
    "absolute negative": (
        "absolute=timedelta(hours=-1)",
        ("absolute is -1:00:00", "longer than zero"),
    ),
    "pings too far apart": (
        f"{IDLE}, ping_every=timedelta(minutes=15)",
        ("ping_every is 0:15:00", "at most the time before the warning"),
    ),
    "a misspelt option": ("ilde=timedelta(minutes=15)", ("ilde is", "idle, absolute, warn")),
    "a profile that there is not": (
        "profile='pci'",
        ("profile is pci", "pci-dss, nist-aal2, nist-aal3"),
    ),
    "an unknown store": (
        "store='mongodb://user:secret-word@host/db'",
        ("store is mongodb://", "memory://", "sqlite:///"),
    ),
    "a store that is no address": ("store='sessions.db'", ("store is", "memory://", "sqlite:///")),
    "a cap of none": ("cap=0", ("cap is 0", "a whole number from 1")),
    "a prefix that is no path": ("prefix='session'", ("prefix is 'session'", "'/session'")),
    "cookies for other sites": ("same_site='None'", ("same_site is 'None'", "'Lax' or 'Strict'")),
}

# The same from app.config, which is where many keep them.
CONFIGURED = {
    "warn": (
        "NIGHTLATCH_IDLE=timedelta(minutes=15), NIGHTLATCH_WARN=timedelta(minutes=15)",
        ("warn is 0:15:00", "0:00:20 or longer", "shorter than"),
    ),
    "lifetime": (
        "PERMANENT_SESSION_LIFETIME=timedelta(days=2)",
        ("absolute is 12:00:00", "idle (2 days, 0:00:00) or longer"),
    ),
    "a misspelt name": (
        "NIGHTLATCH_ILDE=timedelta(minutes=15)",
        ("NIGHTLATCH_ILDE is", "NIGHTLATCH_IDLE, NIGHTLATCH_ABSOLUTE, NIGHTLATCH_WARN"),
    ),
    "store": ("NIGHTLATCH_STORE='mongodb://host'", ("store is mongodb://", "sqlite:///")),
}

# The bank says it in one line, without a traceback, from the environment.
BANK_CASES = {
    "store": ({"NIGHTLATCH_STORE": "redis-cluster-of-mine"}, ("store is", "sqlite:///")),
    "database": (
        {"BANK_DATABASE_URL": "no address: secret-word"},
        ("BANK_DATABASE_URL", "an address such as sqlite:////srv/bank.db"),
    ),
    "warn as long as idle": (
        {"BANK_IDLE_S": "600", "BANK_WARN_S": "600"},
        ("warn is 0:10:00", "0:00:20 or longer", "shorter than"),
    ),
    "warn too short to answer": ({"BANK_WARN_S": "19"}, ("warn is 0:00:19", "WCAG 2.2.1")),
    "warn negative": ({"BANK_WARN_S": "-1"}, ("warn is -0:00:01", "longer than zero")),
    "absolute shorter than idle": (
        {"BANK_ABSOLUTE_S": "60"},
        ("absolute is 0:01:00", "idle (1:00:00) or longer"),
    ),
    "no number": ({"BANK_IDLE_S": "soon"}, ("BANK_IDLE_S is soon", "a whole number of seconds")),
    "a session store that cannot be made": (
        {"NIGHTLATCH_STORE": "sqlite:////dev/null/sessions.db"},
        ("store is /dev/null/sessions.db (", "can make, read and write"),
    ),
    "a session store that is no database": (
        {"NIGHTLATCH_STORE": f"sqlite:///{__file__}"},
        (f"store is {__file__} (SQLITE_NOTADB)", "a SQLite file of its own"),
    ),
    "a database that cannot be opened": (
        {"BANK_DATABASE_URL": "sqlite:////dev/null/bank.db"},
        ("BANK_DATABASE_URL is sqlite:////dev/null/bank.db", "can be opened"),
    ),
    "a database that is none": (
        {"BANK_DATABASE_URL": f"sqlite:///{__file__}"},
        (f"BANK_DATABASE_URL is sqlite:///{__file__}", "file is not a database"),
    ),
    "home": ({"BANK_HOME": "/dev/null/bank"}, ("BANK_HOME is /dev/null/bank", "a folder that")),
}


def start(folder, options="", config=""):
    """Write a small app, let Flask load it as it does before serving, and return the result."""
    (folder / "shop.py").write_text(APP.format(options=options, config=config), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "flask", "--app", "shop", "routes"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "NIGHTLATCH_STORE"},
        capture_output=True,
        timeout=PATIENCE_S,
        text=True,
        encoding="utf-8",
    )


def test_good_settings_start(tmp_path):
    """The same small app with settings that can be right: it starts, so the others could too."""
    started = start(tmp_path, f"{IDLE}, warn=timedelta(seconds=20), store='memory://'")
    assert started.returncode == 0, started.stderr
    assert "/session/extend" in started.stdout
    assert started.stderr == ""


@pytest.mark.parametrize("case", CASES)
def test_a_bad_option_stops_the_start(tmp_path, case):
    """Not zero, and the last line names the setting, its value and what is allowed."""
    options, words = CASES[case]
    refuses(start(tmp_path, options), words)
    # Nothing is left behind by an application that has not started.
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".db"] == []


@pytest.mark.parametrize("case", CONFIGURED)
def test_a_bad_configuration_stops_the_start(tmp_path, case):
    """As an option does, in the same words."""
    config, words = CONFIGURED[case]
    refuses(start(tmp_path, config=config), words)


@pytest.mark.parametrize("case", BANK_CASES)
def test_the_bank_says_it_without_a_traceback(tmp_path, case):
    """Exit code 2 and one line; no secret that may stand in a value is repeated."""
    settings, words = BANK_CASES[case]
    refused = subprocess.run(
        command(BANK, "--port", "0"),
        cwd=ROOT,
        env=environment(tmp_path / "home") | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        text=True,
        encoding="utf-8",
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("The bank did not start. ")
    assert len(refused.stderr.splitlines()) == 1
    refuses(refused, words)


def refuses(result, words):
    """Assert that a process has refused to start, with these words in its last line."""
    assert result.returncode != 0
    last = result.stderr.splitlines()[-1]
    assert [word for word in words if word not in last] == [], last
    assert "Allowed: " in last
    assert "secret-word" not in last
