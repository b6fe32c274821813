"""The JavaScript tests, run by the Node that comes with Playwright: no Node of the system's."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests" / "js").glob("**/*.test.*js"))


def node():
    """Return the path of Playwright's own Node."""
    return str(compute_driver_executable()[0])


def run(*files):
    """Run test files under Node; return the exit code, how many tests passed, and the report."""
    done = subprocess.run(
        [node(), "--test", "--test-reporter=spec", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    report = done.stdout + done.stderr
    passed = re.search(r"^ℹ pass (\d+)$", report, re.MULTILINE)
    return done.returncode, int(passed.group(1)) if passed else 0, report


def test_there_are_javascript_tests():
    """An empty folder would make every test below pass by not being there."""
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_javascript(file, capsys):
    """Every test of this file passes under Node, and there is at least one."""
    code, passed, report = run(file)

    with capsys.disabled():
        print(f" {passed} tests in Node", end=" ")
    assert code == 0, report
    assert passed > 0, report


def test_a_failing_javascript_test_fails_this_run(tmp_path):
    """The wrapper hears of a failure, and of a file in which nothing was tested."""
    head = "import test from 'node:test'; import assert from 'node:assert';"
    failing = tmp_path / "failing.test.mjs"
    failing.write_text(f"{head} test('no', () => assert.equal(1, 2));")
    skipped = tmp_path / "skipped.test.mjs"
    skipped.write_text(f"{head} test.skip('nothing', () => {{}});")

    failing_code, _, report = run(failing)
    _, skipped_passed, _ = run(skipped)

    assert failing_code != 0
    assert "ERR_ASSERTION" in report
    assert skipped_passed == 0
