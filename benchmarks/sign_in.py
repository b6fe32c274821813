"""Measures whether the time of a refused sign-in tells why it was refused.

`python -m benchmarks.sign_in [--tries N]`. The whole bank in one process, asked without a network:
form, throttle, hash, trail and page. An unknown name, a wrong password and a damaged hash are
tried in turns, in an order that is drawn anew for each turn; so what else the machine does falls
on all three alike. The bank's clock moves on between turns, or its throttle would end the
measurement. Exits with 1 when the medians differ by 10 % or more.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import update

from bank import BankConfig, bank_of, create_app
from bank.signin.models import User
from benchmarks.__main__ import machine
from nightlatch.testing import FakeClock

MOST_APART = 0.10
# As long as each other, so that the pages are too.
NAMES = {"unknown name": "gloria", "wrong password": "george", "damaged hash": "Connor"}
DAMAGED = "$argon2id$v=19$m=19456,t=2,p=1$x"
# The throttle takes 100 failures of one name in a day.
BETWEEN_MINUTES = 16

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def refused_ms(client: FlaskClient, token: str, name: str) -> float:
    """How long one refusal takes, in milliseconds."""
    form = {"csrf_token": token, "username": name, "password": "not the password"}
    began = time.perf_counter_ns()
    answer = client.post("/login", data=form, headers={"Sec-Fetch-Mode": "navigate"})
    took = time.perf_counter_ns() - began
    if answer.status_code != 422:
        raise RuntimeError(f"{name}: answered {answer.status_code}, and 422 is what is measured")
    return took / 1e6


def measure(home: Path, tries: int) -> dict[str, list[float]]:
    """The times of each kind of refusal."""
    clock = FakeClock()
    app = create_app(BankConfig.from_env({"BANK_HOME": str(home)}), clock=clock)
    bank = bank_of(app)
    with bank.database.write() as session:
        session.execute(
            update(User)
            .where(User.name == "O’Connor")
            .values(name="Connor", key="connor", password_hash=DAMAGED)
        )
    client = app.test_client()
    found = _TOKEN.search(client.get("/login").text)
    assert found is not None
    times: dict[str, list[float]] = {kind: [] for kind in NAMES}
    # The first ones also pay for what is only made once.
    for turn in range(-5, tries):
        for kind in random.sample(list(NAMES), len(NAMES)):
            took = refused_ms(client, found[1], NAMES[kind])
            if turn >= 0:
                times[kind].append(took)
        clock.advance(minutes=BETWEEN_MINUTES)
    bank.close()
    return times


def main() -> int:
    """Print one table and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sign_in", description=__doc__)
    parser.add_argument("--tries", type=int, default=200, help="of each kind (%(default)s)")
    tries = parser.parse_args().tries
    print(machine())
    print(f"{tries} refused sign-ins of each kind, in turns; milliseconds\n")
    with tempfile.TemporaryDirectory() as home:
        times = measure(Path(home), tries)
    print(
        f"{'kind':<16}{'median':>9}{'quarter':>9}{'3 quarters':>12}{'quickest':>10}{'slowest':>9}"
    )
    for kind, spans in times.items():
        low, middle, high = statistics.quantiles(spans, n=4)
        print(
            f"{kind:<16}{middle:>9.2f}{low:>9.2f}{high:>12.2f}{min(spans):>10.2f}{max(spans):>9.2f}"
        )
    medians = [statistics.median(spans) for spans in times.values()]
    apart = max(medians) / min(medians) - 1
    print(f"\nmedians differ by {apart:.2%} (less than {MOST_APART:.0%} is asked for)")
    return 0 if apart < MOST_APART else 1


if __name__ == "__main__":
    sys.exit(main())
