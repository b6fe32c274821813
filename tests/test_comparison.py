"""The page that sets us beside others: nothing on it is empty, stale or impossible to run again."""

import re
import subprocess

import pytest

from benchmarks.compare import page, peers
from benchmarks.compare.found import Found, Row, milliseconds, off_by, spread, words
from benchmarks.compare.rows import ROWS
from tools.files import ROOT

HOURS = Row("hours", "Open for", "by the clock", lambda place, run: [run], milliseconds)


@pytest.fixture(scope="module")
def results():
    """What stands between the marks of the page that is committed."""
    text = page.PAGE.read_text(encoding="utf-8")
    return text.partition(page.BEGIN)[2].partition(page.END)[0]


def lines_about(row, results):
    """Return the cells of every line of a table that begins with a row's first cell."""
    found = [line.strip("| ").split(" | ") for line in results.splitlines()]
    return [cells for cells in found if cells[0] == row.what]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_there_is_a_figure_of_ours_for_every_row(row, results):
    """Beside others or alone, in bold, and once more with how it was found."""
    *beside, runs = lines_about(row, results)

    assert beside
    assert all(re.fullmatch(r"\*\*[^*]+\*\*", cells[1]) for cells in beside)
    assert runs[1] == row.how
    assert int(runs[2]) >= 5
    assert (runs[4] != "–") == (row.control is not None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_the_others_figures_are_those_that_were_measured(row, results):
    """The page says what is written down of that run, no more and no less."""
    wanted = peers.CELLS.get(row.key, {})
    *beside, _ = lines_about(row, results)

    told = {cell for cells in beside for cell in cells[2:]} - {page.NOT_MEASURED}

    assert told == set(wanted.values())


def test_every_project_has_its_version_on_the_page(results):
    """A figure without a version is hearsay."""
    versions = [version for _, version in (*peers.RUN.values(), *peers.READ.values())]

    assert [version for version in versions if f": {version}\n" not in results] == []


def test_every_figure_of_another_project_belongs_to_a_row_and_a_project():
    """Nothing is written down that the page would leave out."""
    assert peers.CELLS.keys() <= {row.key for row in ROWS}
    assert {key for cells in peers.CELLS.values() for key in cells} <= {*peers.RUN, *peers.READ}


def test_the_page_names_the_command_and_make_knows_it():
    """Whoever doubts a figure can measure it again."""
    planned = subprocess.run(
        ["make", "-n", "compare"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    listed = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert "`make compare`" in page.PAGE.read_text(encoding="utf-8")
    assert "-m benchmarks.compare" in planned
    assert "  make compare " in listed


def test_a_run_takes_the_place_of_the_last_one(tmp_path):
    """What stands above and below the marks stays."""
    file = tmp_path / "comparison.md"
    file.write_text(f"Above.\n{page.BEGIN}{page.END}Below.\n", encoding="utf-8")

    page.write([Found(HOURS, [1])], "here, yesterday", file)
    page.write([Found(HOURS, [2, 3], [900])], "here, today", file)

    text = file.read_text(encoding="utf-8")
    assert text.startswith("Above.\n")
    assert text.endswith("Below.\n")
    assert "yesterday" not in text
    assert "| Open for | **at most 3 ms** |" in text
    assert "| Open for | by the clock | 2 | 2.5 (2 to 3) | 900 (900 to 900) |" in text


def test_a_page_without_a_place_for_the_tables_is_told(tmp_path):
    """It is left as it was."""
    file = tmp_path / "comparison.md"
    file.write_text("Nothing.\n", encoding="utf-8")

    with pytest.raises(SystemExit, match=r"comparison\.md has no place for the tables"):
        page.write([], "here", file)

    assert file.read_text(encoding="utf-8") == "Nothing.\n"


def test_cells_tell_the_worst_and_never_an_average():
    """Whoever left the screen is helped by no mean."""
    assert milliseconds([0, 0]) == "0 ms"
    assert milliseconds([0, 950]) == "at most 950 ms"
    assert off_by([0, -400]) == "in time (off by 0.4 s)"
    assert off_by([0, 1100, -9000]) == "-9000 ms off"
    assert words(["stays", "stays"]) == "stays"
    assert words(["stays", "closes", "stays"]) == "stays (2 of 3); closes (1 of 3)"
    assert spread([1, 5, 2]) == "2 (1 to 5)"
    assert spread(["stays", "stays"]) == "stays: 2"
