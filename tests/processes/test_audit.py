"""The audit trail and the logs of real servers: gunicorn's, werkzeug's, and what kill -9 leaves."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.audit.chain import Chain
from bank.audit.events import AuditEvent
from bank.audit.keys import Keys
from bank.audit.verify import verify
from tests.bank.audit.ways import WAYS
from tests.processes.client import Browser, Curl
from tests.processes.leaky_bank import LOGGERS
from tests.processes.server import ROOT, environment, until

SECRET = "S3cret-in-the-query"
PASSWORD = "S3cret-in-a-password"
COOKIE = "v1." + "5e" * 16 + "." + "S3cretInTheCookie" * 2 + "123456789"

FORMAT = "%(h)s %(r)s %(s)s %(f)s cookie=%({cookie}i)s auth=%({authorization}i)s query=%(q)s"
FACTORIES = {"handlers of the server": "make", "dictConfig after the start": "make_configured"}


def _command(server, factory):
    app = f"tests.processes.leaky_bank:{factory}"
    if server == "werkzeug":
        return ["flask", "--app", app, "run", "--port", "0"]
    return [
        *("gunicorn", f"{app}()", "--bind", "127.0.0.1:0", "--worker-class", "gthread"),
        *("--access-logfile", "-", "--access-logformat", FORMAT, "--log-level", "debug"),
        "--no-control-socket",
    ]


@pytest.fixture(params=["gunicorn", "werkzeug"])
def server(request, factory, tmp_path):
    """A server of another make than ours; yields its port and the file of all it writes."""
    log = tmp_path / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *_command(request.param, FACTORIES[factory])],
            cwd=ROOT,
            env=environment(tmp_path / "home"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        found = until(
            lambda: (
                re.search(rb"http://127\.0\.0\.1:(\d+)", log.read_bytes())
                or process.poll() is not None
            )
        )
        assert process.poll() is None, log.read_text()
        yield int(found[1]), log
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.parametrize("factory", FACTORIES)
def test_no_log_of_a_server_holds_what_a_request_brought_along(server):
    """Query, cookie, credentials, and every way of the matrix, in access and error logs."""
    port, log = server
    with Curl(port) as curl:
        headers = {
            "Cookie": f"nightlatch={COOKIE}; other=S3cret-of-somebody",
            "Authorization": "Bearer S3cret-credential",
            "Referer": f"http://127.0.0.1/login?password={PASSWORD}",
            "User-Agent": "agent",
        }
        answer = curl.get(f"/leak?token={SECRET}&password={PASSWORD}", headers=headers)
        assert answer.status == 500
        curl.post("/login", form={"username": "george", "password": PASSWORD}, headers=headers)

    text = until(lambda: t if "POST /login" in (t := log.read_text(encoding="utf-8")) else None)

    assert "S3cret" not in text
    for way in WAYS:
        assert text.count(f"now: {way}\n") >= len(LOGGERS), way
    assert text.count("in the arguments: ***") >= 5
    assert text.count("not formatted: its arguments do not fit; they were: str") >= 5
    assert "in an exception: ***" in text
    assert re.search(r"GET /leak\?token=\*\*\*&password=\*\*\*", text)


WRITER = """
import sys
from pathlib import Path
from bank.audit.chain import Chain
from bank.audit.events import AuditEvent
from bank.audit.keys import Keys
home = Path(sys.argv[1])
chain = Chain(home, Keys(home))
while True:
    chain.append(AuditEvent("session_created:1", 1, agent="x" * 200))
"""


def test_a_writer_that_is_killed_leaves_a_trail_that_goes_on(tmp_path):
    """Killed in the middle of writing, ten times over, each time by two: the chain is whole."""
    chain = Chain(tmp_path, Keys(tmp_path))

    def length():
        return chain.path.read_bytes().count(b"\n") if chain.path.exists() else 0

    for _ in range(10):
        enough = length() + 100
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT)
            for _ in range(2)
        ]
        try:
            until(lambda enough=enough: length() >= enough)
        finally:
            for writer in writers:
                writer.send_signal(signal.SIGKILL)
                writer.wait(60)
        # A line that was torn by the kill is a fault until the next event has accounted for it.
        chain.append(AuditEvent("session_created:1", 1))
        report = verify(chain)
        assert report.ok, report.faults

    assert length() >= 1000


def test_two_workers_write_one_trail(town):
    """Eight people at once sign in, are refused and sign out, again and again: one good chain."""
    server = town.start()

    def visit(_):
        # A connection of its own each time, so that both workers get some.
        for _ in range(5):
            with Browser(server.port) as browser:
                browser.sign_in()
                browser.sign_out()

    with ThreadPoolExecutor(8) as people:
        list(people.map(visit, range(8)))
    server.stop()

    checked = _verify(town.home, "--json")
    report = json.loads(checked.stdout)
    lines = [json.loads(line) for line in (town.home / "audit.jsonl").read_text().splitlines()]
    words = Counter(line["event"].partition(":")[0] for line in lines)
    assert (report["ok"], report["lines"], report["rows"], report["without_row"]) == (
        *(True, 120, 120, 0),
    )
    assert words == {"session_created": 40, "authn_login_success": 40, "session_expired": 40}
    assert len({line["pid"] for line in lines}) == 2


def test_a_bank_that_is_killed_goes_on_with_its_trail(town):
    """Both workers gone at once, with people signing in; the next start adds to one good trail."""
    first = town.start()
    with Browser(first.port) as browser:
        browser.sign_in()
    first.kill()
    trail = town.home / "audit.jsonl"
    trail.write_bytes(trail.read_bytes() + b'{"seq":3,"datetime":"20')
    torn = _verify(town.home)
    second = town.start()
    with Browser(second.port) as browser:
        browser.sign_in()
    second.stop()

    checked = _verify(town.home)

    assert torn.returncode == 1
    assert "audit.jsonl:3: was never finished" in torn.stdout
    assert checked.returncode == 0, checked.stdout
    assert "6 lines, held against 5 rows: unchanged" in checked.stderr


def _verify(home, *options):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "bank", "audit", "verify", *options],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
