"""Runs the tests: side by side what can, and then by itself what measures or loads the machine.

`python -m tools.gate` runs everything and judges the coverage; with arguments, one plain run of
pytest with these, which is not judged.
"""

import os
import subprocess
import sys

COVERAGE = ["--cov", "--cov-report="]
JUDGE = ["--cov-report=term-missing:skip-covered", "-p", "tools.coverage_floors"]
# More would wait for each other's browsers.
MOST_WORKERS = 4


def runs(arguments: list[str]) -> list[list[str]]:
    """Return the arguments of each run of pytest."""
    if arguments:
        return [arguments]
    # The cores that this process may use, where the system tells; it may have been given fewer.
    cores = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)
    # One core is left for the browsers and servers that the tests talk to.
    workers = max(2, min(len(cores) - 1, MOST_WORKERS))
    return [
        ["-m", "not process", "-n", str(workers), "--dist", "worksteal", *COVERAGE],
        ["-m", "process", *COVERAGE, "--cov-append", *JUDGE, "--coverage-floors"],
    ]


def main(arguments: list[str]) -> int:
    """Run them all, also after one that failed, so that one gate tells everything."""
    codes = [
        subprocess.run([sys.executable, "-m", "pytest", *each], check=False).returncode
        for each in runs(arguments)
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
