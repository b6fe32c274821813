"""Guessing at a password over the workers of a real server: counted as by one."""

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bank.redis_server import RedisServer
from tests.processes.client import Browser

HERE, THERE = "192.0.2.1", "192.0.2.2"
CANARY = "canary-of-a-password"


@pytest.fixture(params=["table", "redis"])
def server(request, town, tmp_path):
    """The bank behind a proxy, with two workers; it counts in its database, or in Redis."""
    town.settings["BANK_PROXIES"] = "1"
    if request.param == "table":
        yield town.start()
        return
    with RedisServer(tmp_path) as redis:
        town.settings["BANK_THROTTLE_STORE"] = redis.url
        yield town.start()
        town.close()


def guess(port, name="george", address=HERE):
    """Return the answer to one wrong password, over a connection of its own."""
    with Browser(port, address=address) as browser:
        return browser.try_to_sign_in(name, CANARY)


def lines_of(town):
    """Return the lines of the trail."""
    return [json.loads(line) for line in (town.home / "audit.jsonl").read_text().splitlines()]


def test_the_sixth_failure_waits_whichever_worker_it_meets(server, town):
    """Five failures are answered 422, by both workers; from the sixth on it is 429."""
    # So many names that both workers have taken part in the counting of some.
    for name in ("george", "admin", "nobody", "somebody"):
        answers = [guess(server.port, name) for _ in range(7)]

        assert [answer.status for answer in answers] == [422] * 5 + [429] * 2
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
        assert "There were too many tries with a wrong password." in answers[-1].text
        assert CANARY not in answers[-1].text
    lines = lines_of(town)
    assert len({line["pid"] for line in lines}) == 2
    assert Counter(line["event"] for line in lines) == {
        **{f"authn_login_fail:{who}": 5 for who in ("1", "3")},
        **{f"authn_login_fail_max:{who}": 2 for who in ("1", "3")},
        "authn_login_fail:unknown": 10,
        "authn_login_fail_max:unknown": 4,
    }
    assert CANARY not in json.dumps(lines)


def test_many_at_once_are_counted_as_many_in_a_row(server):
    """Forty guesses by eight people at the same time: five are told that they were wrong."""
    with ThreadPoolExecutor(8) as people:
        statuses = list(people.map(lambda _: guess(server.port).status, range(40)))

    assert statuses.count(422) <= 5
    assert set(statuses) == {422, 429}


def test_the_right_password_from_another_address_signs_in(server):
    """Whoever guesses keeps nobody out, and the right password there waits like a wrong one."""
    for _ in range(10):
        guess(server.port)

    with Browser(server.port, address=HERE) as attacker:
        assert attacker.try_to_sign_in("george", "george").status == 429
    with Browser(server.port, address=THERE) as george:
        george.sign_in()
        assert george.get("/").signed_in


def test_what_was_counted_outlives_the_server(town):
    """A restart gives nobody new tries."""
    town.settings["BANK_PROXIES"] = "1"
    server = town.start()
    for _ in range(5):
        guess(server.port)
    server.stop()

    assert guess(town.start().port).status == 429


def test_no_password_of_a_change_is_in_any_file_or_answer(town):
    """Neither the old nor the new one: database, trail, logs, pages; a canary of each."""
    new = "canary of several words, and long"
    server = town.start()
    with Browser(server.port) as george:
        george.sign_in()
        answers = [_change(george, CANARY, new), _change(george, "george", "canary-short")]
        answers.append(_change(george, "george", new))
    with Browser(server.port) as again:
        again.sign_in("george", new)
    server.stop()

    assert [answer.status for answer in answers] == [422, 422, 303]
    assert not [answer for answer in answers if re.search("canary", answer.text)]
    files = [path for path in town.home.rglob("*") if path.is_file()]
    assert {"audit.jsonl", "bank.db", "sessions.db"} <= {path.name for path in files}
    assert not [path.name for path in files if b"canary" in path.read_bytes()]
    assert "canary" not in server.stderr()


def _change(browser, current, new):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/password").text)[1]
    return browser.post("/password", form={"csrf_token": token, "current": current, "new": new})
