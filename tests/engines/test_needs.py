"""A machine without one of the browsers is told so, and its gate is red."""

import os
import subprocess
import sys

from tests.engines.needs import missing
from tools.files import ROOT


def test_what_is_missing_is_named_with_the_way_to_get_it():
    """Each program once, each package once, in one command."""
    told = missing({"/nowhere/driver": "webkit2gtk-driver", "/nowhere/mini": "webkit2gtk-driver"})

    assert "/nowhere/driver, /nowhere/mini" in told
    assert told.endswith("apt-get install webkit2gtk-driver")
    assert "make browsers" in told


def test_nothing_is_said_where_nothing_is_missing():
    """Python itself is always there."""
    assert missing({sys.executable: "python3"}) == ""


def test_a_missing_browser_fails_the_tests_and_never_skips_them():
    """On a machine of one's own as in a gate: a test that did not run shows nothing."""
    one = "tests/engines/test_smoke.py::test_sign_out_in_the_warning_ends_the_session"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{one}[firefox]"],
        cwd=ROOT,
        env=os.environ | {"FIREFOX": "/nowhere/firefox"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 1
    assert "these tests need /nowhere/firefox" in ran.stdout
    assert "skipped" not in ran.stdout


def test_make_says_so_too():
    """Before any test runs, where the browser is one that the person named."""
    ran = subprocess.run(
        ["sh", "tools/browsers.sh", "firefox"],
        cwd=ROOT,
        env=os.environ | {"FIREFOX": "/nowhere/firefox"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == 1
    assert "/nowhere/firefox" in ran.stderr
