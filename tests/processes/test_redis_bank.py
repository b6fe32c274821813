"""The bank on Redis: two servers that share one, and what their users see when it is gone."""

import pytest

from tests.processes.client import Browser
from tests.stores.redis_servers import RedisServer, until


@pytest.fixture
def redis(tmp_path):
    """A server of this test's own."""
    server = RedisServer(tmp_path / "redis")
    yield server
    server.kill()


@pytest.fixture
def banks(town, redis):
    """Two processes of the bank with one home and one Redis."""
    town.settings = {"NIGHTLATCH_STORE": f"{redis.url}?timeout_ms=500"}
    return town.start(), town.start()


def test_one_session_over_two_servers(banks, redis):
    """Signed in on one, warned and listed on the other, and signed out on both at once."""
    first, second = banks
    with Browser(first.port) as browser:
        browser.sign_in()
        with Browser(second.port, browser.cookies) as other:
            status = other.get("/session").document
            extended = other.post("/session/extend", document={"idle_for": 0}).document
            page = other.get("/")

            assert (status["state"], extended["state"]) == ("active", "active")
            assert 0 < status["warn_ms"] < min(status["idle_ms"], extended["idle_ms"])
            assert page.signed_in
            assert redis.ask("DBSIZE") > 0
            assert browser.sign_out().status == 200
            assert other.get("/session").document["state"] == "ended"
            assert not other.get("/").signed_in


def test_redis_is_gone_for_a_while(banks, redis):
    """Requests are answered 503 and keep their cookie; when it goes on, so does the session."""
    first, _ = banks
    with Browser(first.port) as browser:
        browser.sign_in()
        cookies = dict(browser.cookies)
        redis.pause()

        answer = browser.get("/")

        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert browser.cookies == cookies
        redis.resume()
        until(lambda: browser.get("/").signed_in)


def test_everything_in_redis_is_lost(banks, redis):
    """Users are signed out cleanly, and sign in again."""
    first, _ = banks
    with Browser(first.port) as browser:
        browser.sign_in()
        redis.ask("FLUSHALL")

        page = browser.get("/")

        assert page.status < 500
        assert not page.signed_in
    with Browser(first.port) as browser:
        assert browser.sign_in().get("/").signed_in
