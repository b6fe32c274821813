"""The real bank on a real socket, in this process, so that the test's clock is the server's."""

import io
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPSConnection
from json import loads
from types import MappingProxyType

from werkzeug.serving import WSGIRequestHandler, make_server

from bank import BankConfig, bank_of, create_app
from nightlatch import Cap
from nightlatch.testing import FakeClock

# The bank's own, written down: the environment of whoever runs the tests must not change them.
REAL_TIMING = MappingProxyType(
    {
        "idle": timedelta(minutes=60),
        "absolute": timedelta(hours=12),
        "warn": timedelta(minutes=10),
        "ping_every": timedelta(minutes=1),
    }
)
COOKIE = "nightlatch"
# Where browsers tell of what the policy refused: every engine, and before any script has run.
REPORTS = "/policy-reports"
PATIENCE_S = 10
PORTAL = b"<!doctype html><title>Guest network</title><p>Accept our terms to go on."


@dataclass
class Call:
    """One request as it arrived.

    :ivar at_ms: the server's time on arrival.
    :ivar status: what it was answered; 0 for none yet, or never.
    :ivar failed_on_purpose: the test had ordered this path to fail.
    """

    at_ms: int
    method: str
    path: str
    body: bytes
    status: int = 0
    failed_on_purpose: bool = False


@dataclass
class Answer:
    """What another client than the browser was told."""

    status: int
    location: str
    text: str

    @property
    def document(self):
        """The status document."""
        return loads(self.text)


class Quiet(WSGIRequestHandler):
    """Keeps its log of requests out of the test's output; `BankServer.calls` has them."""

    def log_request(self, code="-", size="-"):
        """Write nothing."""


class BankServer:
    """The bank, everything that reached it, and a switch that makes it fail.

    :param home: an empty folder for its databases.
    :param timing: as in `BankConfig`; so are the others.
    :param identity: a `tests.engines.tls.Identity` to serve HTTPS with; without one it is HTTP.
    :ivar violations: what browsers have reported that the content security policy refused them.
    """

    def __init__(self, home, timing=REAL_TIMING, identity=None, **others):
        self.clock = FakeClock()
        self.calls = []
        self.violations = []
        self._identity = identity
        self.app = self.make_app(home, timing, **others)
        self._failures = {}
        self._once = None
        self._let_go = threading.Event()
        self._arrived = threading.Condition()
        self._under_way = 0
        self._port = 0
        self.start()

    # The application, in which another server may differ

    def make_app(self, home, timing, **others):
        """Make the application."""
        config = BankConfig(
            home=home,
            secret_key="only for these tests, and long enough to sign with",
            database_url=f"sqlite:///{home / 'bank.db'}",
            session_store=f"sqlite:///{home / 'sessions.db'}",
            timing=timing,
            **others,
        )
        return create_app(config, clock=self.clock)

    def close_app(self):
        """Let go of its files and connections."""
        bank = bank_of(self.app)
        bank.close()
        close_store = getattr(bank.sessions.store, "close", None)
        if close_store is not None:
            close_store()

    # Up and down

    def start(self):
        """Listen; after a stop at the same port as before."""
        self._server = make_server(
            "127.0.0.1",
            self._port,
            self._wsgi,
            threaded=True,
            request_handler=Quiet,
            ssl_context=self._identity and self._identity.server_context(),
        )
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self):
        """Leave the network: connections are refused from now on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def close(self):
        """Stop for good and let go of every file and connection."""
        self.heal()
        if self._thread.is_alive():
            self.stop()
        # What is still being answered would find its stores closed, and leave its files open.
        with self._arrived:
            self._arrived.wait_for(lambda: not self._under_way, PATIENCE_S)
        self.close_app()

    @property
    def url(self):
        """Where it is, without a slash at the end."""
        return f"{'https' if self._identity else 'http'}://127.0.0.1:{self._port}"

    @property
    def cookie(self):
        """The name of the session's cookie."""
        return f"__Host-{COOKIE}" if self._identity else COOKIE

    # Failing

    def fail(self, path, how):
        """Answer `path` in a wrong way.

        ``"500"``; ``"html"``, a captive portal's 200; ``"redirect"``, a portal's way to its own
        page; ``"garbage"``, JSON that was cut off; ``"hang up"``; or ``"hold"``: no answer until
        `heal`.
        """
        self._let_go.clear()
        self._failures[path] = how

    def fail_once(self, path, how):
        """Fail the next request to `path` only."""
        self.fail(path, how)
        self._once = path

    def heal(self):
        """Answer everything as usual, and what was held until now."""
        self._failures.clear()
        self._let_go.set()

    def holds(self, path):
        """Whether requests to `path` get no answer just now."""
        return self._failures.get(path) == "hold"

    # What it saw, and what it says to others

    def calls_to(self, path, method="POST"):
        """Return the requests to one path."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def wait_for(self, seen):
        """Wait until `seen()` is true of what has reached this server."""
        with self._arrived:
            assert self._arrived.wait_for(seen, PATIENCE_S), "it did not reach the server"

    def ask(self, path, token=None, *, method="GET", body=None, navigate=False):
        """Make a request as a client of its own, with or without somebody's cookie."""
        headers = {} if token is None else {"Cookie": f"{self.cookie}={token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if navigate:
            headers |= {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        if self._identity:
            context = self._identity.client_context()
            connection = HTTPSConnection("127.0.0.1", self._port, timeout=10, context=context)
        else:
            connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, answer.headers.get("Location", ""), text)
        finally:
            connection.close()

    def begin(self, user, **options):
        """Begin a session of a user, as another browser's sign-in does."""
        return bank_of(self.app).sessions.start(user, **options)

    def allow_sessions(self, count):
        """Refuse a user's further sessions from now on."""
        bank_of(self.app).sessions.cap = Cap(count, "refuse")

    def end_everyone(self):
        """End all sessions, as an administrator does from the command line."""
        return bank_of(self.app).sessions.end_everyone()

    def unexpected(self):
        """Return the requests that failed on the server's side though no test asked for it."""
        return [call for call in self.calls if call.status >= 500 and not call.failed_on_purpose]

    def _wsgi(self, environ, start_response):
        with self._arrived:
            self._under_way += 1
        try:
            return self._answer(environ, start_response)
        finally:
            with self._arrived:
                self._under_way -= 1
                self._arrived.notify_all()

    def _answer(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        if path == REPORTS:
            with self._arrived:
                self.violations.append(body.decode())
                self._arrived.notify_all()
            start_response("204 -", [])
            return []
        call = Call(self.clock.now(), environ["REQUEST_METHOD"], path, body)
        with self._arrived:
            self.calls.append(call)
            self._arrived.notify_all()

        how = self._failures.get(path)
        if path == self._once:
            self._failures.pop(path)
            self._once = None
        call.failed_on_purpose = how is not None
        if how == "hold":
            self._let_go.wait()
        elif how == "hang up":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        elif how is not None:
            call.status = {"500": 500, "redirect": 302}.get(how, 200)
            kind = "application/json" if how == "garbage" else "text/html"
            headers = [("Content-Type", kind)]
            if how == "redirect":
                headers.append(("Location", "/login"))
            start_response(f"{call.status} -", headers)
            return [b'{"state": "act' if how == "garbage" else PORTAL]

        def note(status, headers, exc_info=None):
            call.status = int(status.split()[0])
            return start_response(status, [_reported(*each) for each in headers], exc_info)

        return self.app(environ, note)


def _reported(name, value):
    """Return a header as it was, but for a policy: what that refuses is to be reported here."""
    is_policy = name.lower() == "content-security-policy"
    return name, f"{value}; report-uri {REPORTS}" if is_policy else value
