"""`make test-long`: the two long proofs, and their results in docs/proof.md.

NIGHTLATCH_LONG_STEPS (1,000,000), NIGHTLATCH_LONG_SECONDS (60) and NIGHTLATCH_LONG_PROCESSES (one
less than the machine's cores) change what is run. A violation is printed and makes the exit code 1.
"""

import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from nightlatch.stores import open_store
from nightlatch.stores.base import SessionStore
from nightlatch.testing.machine import session_machine
from tools.files import ROOT

PAGE = ROOT / "docs" / "proof.md"
STEPS_PER_EXAMPLE = 50
# One job: short enough to show progress, long enough not to be all set-up.
EXAMPLES_PER_JOB = 200


@contextmanager
def opened(kind: str) -> Iterator[SessionStore]:
    """An empty store of a kind, for the time of a block."""
    with tempfile.TemporaryDirectory() as folder:
        url = "memory://" if kind == "memory" else f"sqlite:///{folder}/sessions.db"
        with closing(open_store(url)) as store:
            yield store


def job(kind: str, number: int) -> tuple[int, str]:
    """Run the machine with one seed on stores of a kind.

    :returns: how many steps it took, and what went wrong, if anything did.
    """
    machine = session_machine(lambda: opened(kind))
    try:
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=EXAMPLES_PER_JOB,
                stateful_step_count=STEPS_PER_EXAMPLE,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        return machine.steps, f"seed {number}: {error!r}\n{notes}"
    return machine.steps, ""


def run_machine(kind: str, wanted: int, processes: int) -> str:
    """Run until enough steps are done; return a line for the page."""
    first = time.time_ns() // 1_000_000
    began, steps, violations, number = time.monotonic(), 0, [], first
    with ProcessPoolExecutor(processes) as pool:
        running = {pool.submit(job, kind, number + one) for one in range(processes)}
        number += processes
        while running:
            done = next(as_completed(running))
            running.remove(done)
            taken, violation = done.result()
            steps += taken
            if violation:
                violations.append(violation)
                print(violation, file=sys.stderr)
            print(f"\r{kind}: {steps:,} of {wanted:,} steps, {len(violations)} violations", end="")
            sys.stdout.flush()
            if steps < wanted and not violations:
                running.add(pool.submit(job, kind, number))
                number += 1
    print()
    seconds = time.monotonic() - began
    return row(
        f"state machine, {kind}", f"{steps:,} steps", seconds, processes, len(violations), first
    )


def run_http(seconds: int) -> tuple[str, bool]:
    """Run the clients against three servers; return a line for the page."""
    environment = os.environ | {"NIGHTLATCH_LONG_SECONDS": str(seconds)}
    result = ROOT / ".pytest_cache" / "http-proof.txt"
    result.parent.mkdir(exist_ok=True)  # a fresh clone has none
    result.unlink(missing_ok=True)
    environment["NIGHTLATCH_LONG_RESULT"] = str(result)
    began = time.monotonic()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--timeout=600",
            "tests/processes/test_long_http.py",
        ],
        cwd=ROOT,
        env=environment,
    )
    taken = time.monotonic() - began
    requests = result.read_text(encoding="utf-8") if result.exists() else "0"
    failed = done.returncode != 0
    told = row(
        "over HTTP, 3 servers, 8 threads, SQLite", f"{int(requests):,} requests", taken, 3,
        "at least 1" if failed else 0, "-",
    )  # fmt: skip
    return told, failed


def row(
    what: str, size: str, seconds: float, processes: int, violations: object, seed: object
) -> str:
    """Return one line of the page's table."""
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return f"| {day} | {what} | {size} | {seconds:.0f} | {processes} | {seed} | **{violations}** |"


def where() -> str:
    """Return what the numbers belong to."""
    model = platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        names = [
            x for x in cpus.read_text(encoding="utf-8").splitlines() if x.startswith("model n")
        ]
        model = names[0].partition(":")[2].strip() if names else model
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"hypothesis {version('hypothesis')}, nightlatch {version('nightlatch')}"
    )


def main() -> int:
    """Run both and write the page's table again."""
    steps = int(os.environ.get("NIGHTLATCH_LONG_STEPS", "1000000"))
    seconds = int(os.environ.get("NIGHTLATCH_LONG_SECONDS", "60"))
    cores = max(1, (os.cpu_count() or 2) - 1)
    processes = int(os.environ.get("NIGHTLATCH_LONG_PROCESSES", str(cores)))
    lines = []
    failed = False
    if steps:
        # SQLite makes a file for every example, and is the same machine: a twentieth will do.
        for kind, share in (("memory", 1), ("sqlite", 20)):
            lines.append(run_machine(kind, steps // share, processes))
            failed |= "**0**" not in lines[-1]
    if seconds:
        line, wrong = run_http(seconds)
        lines.append(line)
        failed |= wrong
    write(lines)
    print("\n".join(lines))
    return int(failed)


def write(lines: list[str], page: Path = PAGE) -> None:
    """Put the results of this run in the place of those of the last one, kind by kind."""
    before, mark, table = page.read_text(encoding="utf-8").partition("<!-- results -->\n")
    rows = [line for line in table.splitlines() if line.startswith("| 2")]
    kinds = {line.split("|")[2] for line in lines}
    kept = [line for line in rows if line.split("|")[2] not in kinds]
    head = [
        "",
        "| when (UTC) | what | how much | seconds | processes | first seed | violations |",
        "|---|---|---|---|---|---|---|",
    ]
    text = "\n".join([*head, *lines, *kept, "", f"On {where()}.", ""])
    page.write_text(before + mark + text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
