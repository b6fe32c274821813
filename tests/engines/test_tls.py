"""The bank over HTTPS, as the engines' tests serve it."""

import socket
from urllib.parse import urlsplit


def test_a_connection_that_says_nothing_holds_nobody_up(server):
    """Browsers open connections to have them ready; the next one is answered all the same."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port)):
        answer = server.ask("/login")

    assert answer.status == 200
    assert "Sign in" in answer.text
