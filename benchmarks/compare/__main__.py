"""`python -m benchmarks.compare [--runs N] [--only KEY ...]`: measure, print, write the page."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.__main__ import machine
from benchmarks.compare import page
from benchmarks.compare.found import Found, spread
from benchmarks.compare.place import CHROMIUM, Place
from benchmarks.compare.rows import ROWS


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

    found = []
    with sync_playwright() as driver:
        place = Place(driver)
        system = machine().replace("\n", "; ")
        where = (
            f"{datetime.now(UTC):%Y-%m-%d}, {options.runs} runs of each row; {system}, "
            f"Chromium {place.keeping.version}."
        )
        print(where)
        for row in ROWS:
            if row.key not in options.only:
                continue
            one = Found(row)
            for run in range(options.runs):
                one.values += row.measure(place, run)
            if row.control is not None:
                # Once is enough: it says that the ruler sees what is there.
                one.bare = row.control(place, 0, bare=True)
            found.append(one)
            bare = f"   (without our script: {spread(one.bare)})" if one.bare else ""
            print(
                f"{row.key:<16}{len(one.values):>4}  {one.cell}   [{one.spread}]{bare}", flush=True
            )
        place.close()
    if len(found) == len(ROWS):
        page.write(found, where)
        print("Written into docs/comparison.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
