"""A pytest plugin: fails the run when one folder's coverage is under its own floor.

Coverage's own `fail_under` is one number for everything; the library and the bank have two.
The floors are in pyproject.toml, under [tool.nightlatch.coverage-floors].
"""

import io
import tomllib
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).parents[1]


def floors(pyproject: Path = ROOT / "pyproject.toml") -> dict[str, float]:
    """Return the least percentage of lines and branches for each folder."""
    settings = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    return {
        folder: float(percent)
        for folder, percent in settings["tool"]["nightlatch"]["coverage-floors"].items()
    }


def shortfalls(measured: dict[str, float], wanted: dict[str, float]) -> list[str]:
    """Return one sentence for every folder that is under its floor, or was not measured."""
    return [
        f"{folder}: {measured.get(folder, 0.0):.2f} % is covered, {percent:g} % is asked for"
        for folder, percent in wanted.items()
        if measured.get(folder, 0.0) < percent
    ]


def _measure(wanted: dict[str, float]) -> dict[str, float]:
    data = coverage.Coverage()
    data.load()
    measured = {}
    for folder in wanted:
        try:
            measured[folder] = data.report(include=[f"{ROOT / folder}/*"], file=io.StringIO())
        except coverage.exceptions.NoDataError:
            measured[folder] = 0.0
    return measured


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--coverage-floors`, for the last of the runs that together ran everything."""
    parser.addoption("--coverage-floors", action="store_true", help="judge the coverage by folder")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Compare once everything has run; a run of chosen tests (-k, one file) is not judged."""
    config = session.config
    if not config.getoption("coverage_floors"):
        return
    wanted = floors()
    measured = _measure(wanted)
    problems = shortfalls(measured, wanted)
    lines = [f"{folder}: {percent:.2f} %" for folder, percent in measured.items()]
    config.stash[_LINES] = problems or lines
    if problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


_LINES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say the result before pytest's closing line."""
    lines = config.stash.get(_LINES, None)
    if lines:
        terminalreporter.section("coverage floors")
        for line in lines:
            terminalreporter.write_line(line)
