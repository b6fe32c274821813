"""The tables of acceptance scenarios name tests that exist, and leave out no scenario."""

import ast
import re

import pytest

from tools.files import ROOT
from tools.named_tests import missing_tests

PAGES = {"scenarios.md": 58, "browser-scenarios.md": 40}
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)


def rows(page):
    """Return the lines of one table: number, scenario and what shows it."""
    return ROW.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def functions_of(path):
    """Return the names of the test functions in a file; none when there is no such file."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.parse("")
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if node.name.startswith("test_")}


@pytest.mark.parametrize("page", PAGES)
def test_each_scenario_has_one_line(page):
    """In their order, and each with a test or a reason."""
    found = rows(page)

    assert [int(number) for number, _, _ in found] == list(range(1, PAGES[page] + 1))
    assert all(shown.strip() for _, _, shown in found)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_exists(page):
    """Whoever renames a test hears of the table."""
    missing = {number: tests for number, _, shown in rows(page) if (tests := missing_tests(shown))}

    assert missing == {}


def test_a_browser_scenario_is_shown_by_tests_of_its_number_and_lists_all_of_them():
    """So that a number finds its tests, and a test its scenario."""
    numbered = {}
    for file in sorted((ROOT / "tests" / "browser").glob("test_*.py")):
        for name in functions_of(file):
            if found := re.match(r"test_(\d\d)_", name):
                path = file.relative_to(ROOT).as_posix()
                numbered.setdefault(int(found[1]), set()).add((path, name))

    listed = {
        int(number): set(re.findall(r"`(tests/browser/\w+\.py)::(test_\d\d_\w+)`", shown))
        for number, _, shown in rows("browser-scenarios.md")
    }

    assert all(listed.values())
    assert listed == numbered
