"""The bank on PostgreSQL: two servers, one session."""

from __future__ import annotations

from contextlib import ExitStack

from nightlatch.stores.postgres_schema import migrate
from tests.processes import server as processes
from tests.processes.client import COOKIE, Browser, Curl


def test_one_session_on_two_servers_and_through_an_outage(own_server, tmp_path) -> None:
    """Begun on one, used on the other; 503 while the store is away; ended on one, ended on both."""
    migrate(own_server.url())
    settings = {"NIGHTLATCH_STORE": own_server.url(limit_ms=500)}
    with ExitStack() as stack:
        banks = [
            processes.Server(tmp_path / "home", tmp_path / f"{number}.txt", settings=settings)
            for number in range(2)
        ]
        for bank in banks:
            stack.callback(bank.close)
            bank.wait_until_it_listens()
        browser = stack.enter_context(Browser(banks[0].port))
        browser.sign_in()
        other = stack.enter_context(Curl(banks[1].port, {COOKIE: browser.token}))

        assert other.get("/session").document["state"] == "active"
        own_server.kill()
        assert other.get("/session").status == 503
        own_server.start()
        processes.until(lambda: other.get("/session").status == 200)
        assert browser.sign_out().status in (200, 302, 303)
        assert other.get("/session").document["reason"] == "signed-out"
