"""The table of acceptance scenarios names tests that exist, and leaves out no scenario."""

import re

from tools.files import ROOT
from tools.named_tests import missing_tests

PAGE = ROOT / "docs" / "scenarios.md"
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_of_the_58_scenarios_has_one_line():
    """In their order, and each with a test or a reason."""
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 59))
    assert all(shown.strip() for _, _, shown in ROWS)


def test_every_test_that_is_named_exists():
    """Whoever renames a test hears of the table."""
    missing = {number: tests for number, _, shown in ROWS if (tests := missing_tests(shown))}

    assert missing == {}
