"""The bank as a program: it starts on nothing, serves everybody, and stops when it is told to."""

import re
import signal
import socket
import stat
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.processes.client import COOKIE, Browser, Curl, csrf_token
from tests.processes.server import BANK, PATIENCE_S, ROOT, command, environment, until

TOGETHER = 4

# Reads the name of a home and prints the key that it finds or makes there, again and again.
MAKE_KEYS = """
import sys
from bank import BankConfig
print("ready", flush=True)
for line in sys.stdin:
    print(BankConfig.from_env({"BANK_HOME": line.strip()}).secret_key, flush=True)
"""


def run(home, *arguments, **settings):
    """Run ``python -m bank`` when it is expected to refuse; return what became of it."""
    return subprocess.run(
        command(BANK, *arguments),
        cwd=ROOT,
        env=environment(home) | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        text=True,
        encoding="utf-8",
    )


# Who it serves


def test_names_of_every_kind_come_out_as_they_went_in(town):
    """O’Connor signs in, pays José Ωmega, and reads both names on every page that shows them."""
    with Browser(town.start().port) as browser:
        browser.sign_in("O’Connor", "o’connor")
        home = browser.get("/").text
        sent = browser.transfer("José Ωmega", "12.34", "for the café")
        confirmed = browser.get(sent.headers["Location"]).text
        statement = browser.get("/another-page").text

    assert "Niamh O’Connor" in home
    assert sent.status == 303
    for page in (confirmed, statement):
        assert "José Ωmega" in page
        assert "12.34" in page
        assert re.search(r"Signed in as <strong><bdi>O’Connor</bdi>", page)


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(town, number):
    """SIGTERM and Ctrl-C end it with exit code 0, and no process of it is left."""
    server = town.start()
    with Browser(server.port) as browser:
        browser.sign_in()
    assert len(server.members()) > 1

    assert server.stop(number) == 0

    until(lambda: not server.members())
    assert server.stderr() == ""


def test_it_answers_what_it_has_begun_before_it_stops(town):
    """A request that is under way when SIGTERM comes is still answered."""
    server = town.start()
    with Browser(server.port) as browser:
        token = csrf_token(browser.get("/login"))
        fields = f"csrf_token={token}&username=george&password=george".encode()
        head = (
            f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Cookie: bank_form={browser.cookies['bank_form']}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(fields)}\r\nExpect: 100-continue\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
            connection.sendall(head.encode())
            # It reads the form now, so it has begun.
            assert connection.recv(4096).startswith(b"HTTP/1.1 100")
            server.process.send_signal(signal.SIGTERM)
            connection.sendall(fields)
            answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 303")
    assert server.process.wait(PATIENCE_S) == 0


def test_a_second_start_finds_everything_as_it_was(town):
    """Sessions, money and the key outlive the server: nobody is signed out by a restart."""
    first = town.start()
    with Browser(first.port) as browser:
        browser.sign_in()
        browser.transfer("Corner Greengrocer", "3.21")
        browser.get("/transfer")
        cookies = browser.cookies
    with Browser(first.port) as leaver:
        ended = leaver.sign_in().token
        leaver.sign_out()
    key = (town.home / "secret-key").read_bytes()
    assert first.stop() == 0

    second = town.start()

    with Browser(second.port, cookies) as browser:
        assert "3.21" in browser.get("/another-page").text
        assert browser.transfer("Corner Greengrocer", "1.00").status == 303
    with Curl(second.port, {COOKIE: ended}) as curl:
        assert curl.get("/session").document["reason"] == "signed-out"
    assert (town.home / "secret-key").read_bytes() == key


# Starting


def test_a_port_in_use_is_said_plainly(town):
    """Exit code 1, and one line that names the port and what to do; the other server goes on."""
    server = town.start()

    refused = run(town.home, "--port", str(server.port))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"Port {server.port} of 127.0.0.1 is in use by another program. Stop that one, or choose "
        f"another port: python -m bank --port {server.port + 1}\n"
    )
    with Browser(server.port) as browser:
        browser.sign_in()


def test_several_that_start_at_once_share_one_home(town):
    """Four starts on an empty folder: all come up, with one key, one store and one seed."""
    servers = [town.launch() for _ in range(TOGETHER)]
    for server in servers:
        server.wait_until_it_listens()

    for server in servers:
        with Browser(server.port) as browser:
            # A form of one is taken by the next: they sign with the same key.
            form = csrf_token(browser.get("/login")), browser.cookies["bank_form"]
            cookies = {COOKIE: browser.sign_in().token}
        for other in servers:
            with Curl(other.port, cookies) as curl:
                assert curl.get("/session").document["state"] == "active"
            with Browser(other.port, {"bank_form": form[1]}) as browser:
                fields = {"csrf_token": form[0], "username": "george", "password": "george"}
                assert browser.post("/login", form=fields).status == 303
    files = {path.name for path in town.home.iterdir() if not path.name.startswith(".")}
    kept = {"audit", "audit.jsonl", "bank.db", "secret", "sessions", "sessions.db"}
    assert {name.partition("-")[0] for name in files} == kept
    assert town.query("SELECT count(*) FROM users", file="bank.db") == [(3,)]


def test_what_it_keeps_is_for_its_owner_alone(town):
    """The folder that it makes, the key and the sessions: no other user may read them."""
    with Browser(town.start().port) as browser:
        browser.sign_in()
        paths = [town.home, *town.home.glob("secret-key"), *town.home.glob("sessions.db*")]
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert modes.pop(town.home.name) == 0o700
    assert {"secret-key", "sessions.db", "sessions.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes


def test_it_writes_nowhere_but_in_its_home(town):
    """Not in the folder of the user who runs it: two servers of one user must not meet there."""
    server = town.start()
    with Browser(server.port) as browser:
        browser.sign_in()
    assert server.stop() == 0
    assert [path.name for path in town.home.parent.iterdir()] == [town.home.name]


def test_processes_that_make_a_key_together_make_one(tmp_path):
    """Eight processes, twenty new homes, each at the same moment: all read the same key."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE_KEYS],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2 * TOGETHER)
    ]
    with ExitStack() as stack:
        for process in processes:
            stack.enter_context(process)
            stack.callback(process.kill)
        assert {process.stdout.readline() for process in processes} == {"ready\n"}
        for number in range(20):
            for process in processes:
                process.stdin.write(f"{tmp_path}/{number}\n")
                process.stdin.flush()
            keys = {process.stdout.readline() for process in processes}
            assert len(keys) == 1
            assert len(keys.pop()) > 40
