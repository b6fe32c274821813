"""The page of security requirements leaves out no clause and names tests that exist."""

import re

import pytest

from tools.files import ROOT
from tools.named_tests import missing_tests

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([\d.]+) \| ([123] \| .+) \|$", PAGE, re.MULTILINE))

# OWASP ASVS 5.0: how many clauses each section of V7 has.
V7 = {1: 3, 2: 4, 3: 2, 4: 5, 5: 3, 6: 2}
V7_CLAUSES = [f"7.{section}.{n}" for section, count in V7.items() for n in range(1, count + 1)]
ELSEWHERE = ["3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.3.5", "3.5.1", "3.5.3", "3.5.5"]
ELSEWHERE += ["14.3.1", "14.3.2"]
OTHER_RULES = ["PCI DSS", "NIST SP 800-63B-4", "EU 2018/389", "WCAG 2.2, 2.2.1"]
OTHER_RULES += ["WCAG 2.2, 2.2.5", "WCAG 2.2, 2.2.6"]


def test_every_clause_has_a_row_in_its_order():
    """V7 from 7.1.1 to 7.6.2 and nothing left out; then the others."""
    assert list(ROWS) == V7_CLAUSES + ELSEWHERE
    assert V7_CLAUSES[0] == "7.1.1"
    assert V7_CLAUSES[-1] == "7.6.2"


@pytest.mark.parametrize("clause", ROWS)
def test_a_row_says_what_there_is_and_names_a_test_or_whose_it_is(clause):
    """Level, requirement, what the product does, and a proof; or that it is the application's."""
    _level, asks, there_is, shown = ROWS[clause].split(" | ")

    assert asks
    assert there_is
    assert "::test_" in shown or "application's own" in there_is


@pytest.mark.parametrize("rule", OTHER_RULES)
def test_other_rules_have_rows_with_tests(rule):
    """Each with a test that is named."""
    rows = [line for line in PAGE.splitlines() if line.startswith(f"| {rule}")]

    assert rows
    assert all("::test_" in row for row in rows)


def test_every_test_that_is_named_exists():
    """Whoever renames a test hears of the page."""
    assert missing_tests(PAGE) == []


def test_a_test_that_is_not_there_is_missed():
    """By another file, by another name, and by nothing that only looks like it."""
    own = "tests/test_security_page.py"
    good = f"`{own}::test_every_test_that_is_named_exists`"
    bad = [f"{own}::test_nobody_wrote_this", "tests/test_nowhere.py::test_anything"]

    assert missing_tests(f"{good}<br>`{bad[0]}` and `{bad[1]}`") == bad
