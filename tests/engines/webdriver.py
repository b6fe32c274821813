"""As much of WebDriver (W3C) as these tests speak: JSON over HTTP, by the standard library."""

import json
import os
import subprocess
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

PATIENCE_S = 30
SCREEN = ("-screen", "0", "1280x1024x24", "-nolisten", "tcp")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Refused(Exception):
    """The driver said no: WebDriver's error code, and its words."""

    def __init__(self, value):
        super().__init__(f"{value['error']}: {value['message']}")
        self.code = value["error"]


class Session:
    """One browser under automation.

    :param address: where the driver listens, without a slash at the end.
    :param capabilities: what the browser must be and how it is to be started.
    """

    def __init__(self, address, capabilities):
        self._address = urlsplit(address).netloc
        self._path = "/session"
        begun = self.post("", {"capabilities": {"alwaysMatch": capabilities}})
        self._path = f"/session/{begun['sessionId']}"

    def get(self, command):
        """Ask for something."""
        return self._call("GET", command)

    def post(self, command, body=None):
        """Have something done."""
        return self._call("POST", command, body or {})

    def delete(self, command=""):
        """Take something away; without a command, end the session and close the browser."""
        return self._call("DELETE", command)

    def find(self, xpath):
        """Return the path of the first element, or raise `Refused`."""
        found = self.post("/element", {"using": "xpath", "value": xpath})
        return f"/element/{found[ELEMENT]}"

    def _call(self, method, command, body=None):
        connection = HTTPConnection(self._address, timeout=PATIENCE_S)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(
                method, self._path + command, sent, {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status != 200:
            raise Refused(value)
        return value


@contextmanager
def a_screen():
    """Give a number of an X display that nobody sees."""
    ours, theirs = os.pipe()
    with open(ours, encoding="ascii") as told:
        try:
            screen = subprocess.Popen(
                ["Xvfb", "-displayfd", str(theirs), *SCREEN],
                pass_fds=[theirs],
                stderr=subprocess.DEVNULL,
            )
        finally:
            os.close(theirs)
        with running(screen):
            number = told.readline().strip()
            assert number, f"Xvfb ended with {screen.wait()} and told no display"
            yield f":{number}"


@contextmanager
def running(process):
    """End a process on every way out."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
