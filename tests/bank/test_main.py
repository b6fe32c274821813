"""``python -m bank``: what it says, what it refuses, and that it stops."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bank import BankConfig, create_app, serve
from bank.__main__ import banner, main
from nightlatch import Limits
from tests.processes.server import Server, until


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith(("NIGHTLATCH_", "BANK_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("BANK_HOME", str(home))
    return home


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens at."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def start(own_home: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, and stops the ones that are left."""
    servers = []

    def start(*arguments: str) -> Server:
        server = Server(own_home, tmp_path / "stderr.txt", "bank", *arguments)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


def login_page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=30) as answer:
        return str(answer.read().decode())


def test_a_port_in_use_is_named_with_what_to_do(
    taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, the port, another port to try, and no banner."""
    assert main(["--port", str(taken)]) == 1

    said = capsys.readouterr()
    assert f"Port {taken} of 127.0.0.1 is in use" in said.err
    assert f"--port {taken + 1}" in said.err
    assert said.out == ""


def test_an_address_that_is_not_ours_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and the address, when no interface has it."""
    # A documentation address (RFC 5737): no machine has it.
    assert main(["--host", "192.0.2.1", "--port", "0"]) == 1

    assert "Cannot listen at 192.0.2.1, port 0" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["65536", "-1", "x"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A port outside 0 to 65535 is a mistake on the command line."""
    with pytest.raises(SystemExit) as stopped:
        main([f"--port={port}"])

    assert stopped.value.code == 2
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NIGHTLATCH_STORE", "nosuch://somewhere"),
        ("NIGHTLATCH_STORE", "memory://"),
        ("BANK_DATABASE_URL", "nonsense"),
        ("BANK_HOME", "/dev/null/home"),
        ("BANK_IDLE_S", "an hour"),
        ("BANK_IDLE_S", "-1"),
        ("BANK_WARN_S", "19"),
        ("BANK_WARN_S", "3600"),
        ("BANK_ABSOLUTE_S", "60"),
        ("BANK_PASSWORD_SCHEME", "md5"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    """Exit code 2, setting and what is allowed, no traceback, and no banner."""
    monkeypatch.setenv(name, value)

    assert main(["--port", "0"]) == 2

    said = capsys.readouterr()
    assert said.err.startswith("The bank did not start. ")
    assert "which cannot work. Allowed: " in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_the_banner_says_where_who_how_long_and_how_to_stop(own_home: Path) -> None:
    """Whoever starts it can sign in with what is on the screen."""
    said = banner("127.0.0.1", 5000, Limits(), BankConfig.from_env())

    assert "http://127.0.0.1:5000" in said
    assert re.search(r"george +password +george\n", said)
    assert re.search(r"O’Connor +password +o’connor\n", said)
    assert "After 60 minutes without activity" in said
    assert "a warning comes 10 minutes before" in said
    assert "After 12 hours" in said
    assert str(own_home) in said
    assert "Ctrl-C" in said


def test_the_banner_of_the_demonstration_says_so() -> None:
    """The timing in the banner is the timing that is in force; IPv6 is in brackets."""
    config = BankConfig.from_env(demo=True)

    said = banner("::1", 80, Limits(**config.timing, demo=True), config)

    assert "demonstration timing" in said
    assert "http://[::1]:80" in said
    assert "After 14 seconds without activity" in said
    assert "a warning comes 6 seconds before" in said


def test_gunicorn_is_given_the_socket_and_believes_no_proxy() -> None:
    """The bound socket is handed over, and forwarding headers are trusted from nobody."""
    with serve.listen("127.0.0.1", 0) as listener:
        server = serve.Server(create_app, listener)

        assert server.cfg.address == [listener.fileno()]
        assert (server.cfg.workers, server.cfg.threads) == (2, 8)
        assert server.cfg.worker_class_str == "gthread"
        assert server.cfg.forwarded_allow_ips == []


def test_every_worker_makes_its_own_application() -> None:
    """No two workers share an application, and so no connection."""
    server = serve.Server(create_app, None)

    assert server.load() is not server.load()


def test_both_kinds_of_address_can_be_listened_at() -> None:
    """A host with colons is taken as IPv6."""
    with serve.listen("::1", 0) as listener:
        assert listener.family == socket.AF_INET6


@pytest.mark.process
def test_it_serves_and_stops_when_it_is_interrupted(start: Callable[..., Server]) -> None:
    """The real command serves a page, and Ctrl-C ends it with 0 and in silence."""
    server = start("--demo").wait_until_it_listens()

    assert "after 13 seconds without activity" in login_page(server.port)

    assert server.stop(signal.SIGINT) == 0
    assert "Press Ctrl-C to stop." in server.process.stdout.read()
    assert server.stderr() == ""


@pytest.mark.process
def test_a_terminal_that_knows_only_ascii_gets_the_banner(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with U+2019 is escaped where it cannot be shown; the start goes on."""
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONIOENCODING", "ascii")):
        monkeypatch.setenv(name, value)

    server = start().wait_until_it_listens()
    server.stop()

    assert r"O\u2019Connor" in server.process.stdout.read()
    assert server.stderr() == ""


@pytest.mark.process
def test_a_master_that_replaces_another_says_nothing(start: Callable[..., Server]) -> None:
    """SIGUSR2 hands the port to a new server, which prints no second banner."""
    server = start().wait_until_it_listens()
    login_page(server.port)
    family = set(server.members())

    server.process.send_signal(signal.SIGUSR2)
    # The new master and its workers, before the old ones are asked to go.
    until(lambda: len(set(server.members()) - family) > serve.WORKERS)
    server.stop(signal.SIGQUIT)
    until(lambda: not family & set(server.members()))

    assert "Sign in" in login_page(server.port)
    successor = min(server.members())
    os.kill(successor, signal.SIGTERM)
    until(lambda: not server.members())
    assert server.process.stdout.read().count("Press Ctrl-C to stop.") == 1
    assert server.stderr() == ""
