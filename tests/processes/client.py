"""HTTP as ``curl`` and as a browser speak it, over one kept connection, by the standard library."""

import http.client
import json
import re
from dataclasses import dataclass
from email.message import Message
from html import unescape
from urllib.parse import urlencode

COOKIE = "nightlatch"
PATIENCE_S = 60
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# What curl sends with every request, and no more: above all no Sec-Fetch header.
CURL = {"User-Agent": "curl/8.14.1", "Accept": "*/*"}
NAVIGATION = {"User-Agent": "Mozilla/5.0", "Accept": "text/html,*/*;q=0.8"}

_CSRF = re.compile(r'<input[^>]*name="csrf_token"[^>]*value="([^"]+)"')
_FIELD = re.compile(r'<input[^>]*name="form_key"[^>]*value="([^"]+)"')
_ACCOUNT = re.compile(r'<option[^>]*value="(\d+)"')


@dataclass(frozen=True)
class Answer:
    """What a server answered, read to its end."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self):
        """The body as text, as a person would see its characters."""
        return unescape(self.body.decode())

    @property
    def document(self):
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def cookies(self):
        """What it set: name to value, and an empty value where it took a cookie away."""
        pairs = (
            header.partition(";")[0].partition("=")
            for header in self.headers.get_all("Set-Cookie", ())
        )
        return {name: value for name, _, value in pairs}

    @property
    def signed_in(self):
        """Whether any kind of answer shows that its asker is signed in."""
        if self.headers.get_content_type() == JSON:
            document = self.document
            return document.get("state") == "active" or "user" in document
        return b"Signed in as" in self.body


class Curl:
    """Sends exactly what it is told, with the cookies that it is told, and follows nothing."""

    def __init__(self, port, cookies=None):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self.cookies = dict(cookies or {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the connection; the next request would open another."""
        self._connection.close()

    def send(self, method, path, *, form=None, document=None, headers=None):
        """Send one request and return its answer.

        :param form: fields to send as a form does; ``document``: a value to send as JSON.
        """
        sent, body = dict(CURL), None
        if form is not None:
            sent["Content-Type"], body = FORM, urlencode(form).encode()
        elif document is not None:
            sent["Content-Type"], body = JSON, json.dumps(document).encode()
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self._exchange(method, path, body, sent | (headers or {}))

    def get(self, path, **options):
        """Send a GET."""
        return self.send("GET", path, **options)

    def post(self, path, **options):
        """Send a POST."""
        return self.send("POST", path, **options)

    def _exchange(self, method, path, body, headers):
        reused = self._connection.sock is not None
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()
            if not reused:
                raise
            # The server had closed a connection that lay idle; every client tries a new one.
            return self._exchange(method, path, body, headers)
        try:
            return Answer(response.status, response.headers, response.read())
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise


class Browser(Curl):
    """Keeps the cookies that it is given, and knows the bank's forms.

    :ivar address: where a proxy before the bank says that it comes from; None: there is no proxy.
    """

    def __init__(self, port, cookies=None, address=None):
        super().__init__(port, cookies)
        self.address = address
        self._sign_in_token = None

    def send(self, method, path, *, headers=None, **options):
        """Send one request as a page navigation, and keep the cookies of its answer."""
        forwarded = {} if self.address is None else {"X-Forwarded-For": self.address}
        headers = NAVIGATION | forwarded | (headers or {})
        answer = super().send(method, path, headers=headers, **options)
        for name, value in answer.cookies.items():
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    @property
    def token(self):
        """The session's token; None when there is no session."""
        return self.cookies.get(COOKIE)

    @property
    def sid(self):
        """The session's public handle."""
        return sid_of(self.token)

    def try_to_sign_in(self, username, password, path="/login", **more):
        """Fill the sign-in form and send it; return the answer."""
        if self._sign_in_token is None:
            self._sign_in_token = csrf_token(self.get("/login"))
        fields = {"csrf_token": self._sign_in_token, "username": username, "password": password}
        return self.post(path, form=fields | more)

    def sign_in(self, username="george", password=None):
        """Sign in; the password of the bank's people is their name in small letters."""
        answer = self.try_to_sign_in(username, password or username.lower())
        assert answer.status == 303, answer.text
        return self

    def sign_out(self):
        """Sign out as the page's script does; return the answer."""
        return self.post("/session/end", document={})

    def transfer(self, payee, amount="1.00", reference=""):
        """Fill the transfer form and send it; return the answer."""
        page = self.get("/transfer").text
        fields = {
            "csrf_token": _CSRF.search(page)[1],
            "form_key": _FIELD.search(page)[1],
            "from_account": _ACCOUNT.search(page)[1],
        }
        return self.post(
            "/transfer",
            form=fields | {"payee": payee, "amount": amount, "reference": reference},
        )


def csrf_token(page):
    """Return the token in the first form of a page."""
    return _CSRF.search(page.text)[1]


def sid_of(token):
    """Return the public handle in a token."""
    return token.split(".")[1]
