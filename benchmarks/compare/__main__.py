"""`python -m benchmarks.compare [--runs N] [--only KEY ...]`: measure, print, write the page."""

import argparse
import faulthandler
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from benchmarks.__main__ import machine
from benchmarks.compare import page
from benchmarks.compare.found import Found, Row, spread
from benchmarks.compare.place import CHROMIUM, opened
from benchmarks.compare.rows import ROWS

# One run of the longest row takes 20 seconds where the machine is busy.
PATIENCE_S = 120


def heading(driver: Playwright, runs: int) -> str:
    """What the figures belong to."""
    with opened(driver) as place:
        chromium = place.keeping.version
    system = machine().replace("\n", "; ")
    return f"{datetime.now(UTC):%Y-%m-%d}, {runs} runs of each row; {system}, Chromium {chromium}."


def measure(driver: Playwright, row: Row, runs: int) -> Found:
    """Measure one row, in browsers of its own, and print it."""
    one = Found(row)
    with opened(driver) as place:
        for run in range(runs):
            # A browser that answers no more says nothing; this says where it was asked.
            faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
            one.values += row.measure(place, run)
        if row.control is not None:
            # Once is enough: it says that the ruler sees what is there.
            one.bare = row.control(place, 0, bare=True)
        faulthandler.cancel_dump_traceback_later()
    bare = f"   (without our script: {spread(one.bare)})" if one.bare else ""
    print(f"{row.key:<16}{len(one.values):>4}  {one.cell}   [{one.spread}]{bare}", flush=True)
    return one


def main() -> int:
    """Measure every row; what was measured in part is printed and not written."""
    keys = [row.key for row in ROWS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each row (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, help="print these only")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error(f"--runs is {options.runs}, it must be 1 or more")
    if not Path(CHROMIUM).exists():
        sys.exit(f"No Chromium is at {CHROMIUM}: install it, or set CHROMIUM to where it is.")

    with sync_playwright() as driver:
        where = heading(driver, options.runs)
        print(where)
        wanted = [row for row in ROWS if row.key in options.only]
        found = [measure(driver, row, options.runs) for row in wanted]
    if len(found) == len(ROWS):
        page.write(found, where)
        print("Written into docs/comparison.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
