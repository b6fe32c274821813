"""The bank behind gunicorn: one listening socket, a few processes, several threads in each."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

WORKERS = 2
THREADS = 8
# Until a worker that is told to stop is made to.
GRACE_S = 10


class Server(BaseApplication):
    """Runs an application until it is interrupted.

    :param make_app: called once in every worker process: no connection is ever shared by two.
    :param listener: bound already, so that a port in use is found out before anything is said.
        None in a master that was started to take the place of another (``SIGUSR2``): it is
        given the socket by its predecessor.
    """

    def __init__(self, make_app: Callable[[], Flask], listener: socket.socket | None) -> None:
        self._make_app = make_app
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Tells gunicorn how to run; part of its interface."""
        settings: dict[str, Any] = {
            "worker_class": "gthread",
            "workers": WORKERS,
            "threads": THREADS,
            "graceful_timeout": GRACE_S,
            "loglevel": "warning",
            # It is one file in the user's home for every server of that user: two that start
            # together take it from each other, and a user may have no home.
            "control_socket_disable": True,
            "pre_exec": _as_it_was_started,
            # Headers that a proxy sets are believed only when somebody names the proxy.
            "forwarded_allow_ips": os.environ.get("FORWARDED_ALLOW_IPS", ""),
        }
        if self._listener is not None:
            settings["bind"] = f"fd://{self._listener.fileno()}"
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one worker; part of gunicorn's interface."""
        return self._make_app()


def _as_it_was_started(master: Any) -> None:
    # gunicorn repeats sys.argv, in which "-m bank" has become the path of a file.
    master.START_CTX["args"] = sys.orig_argv


def replaces_another() -> bool:
    """Whether this process was started by a running server to take its place."""
    return "GUNICORN_FD" in os.environ


def listen(host: str, port: int) -> socket.socket:
    """A socket that clients can connect to.

    :raises OSError: the port is in use, or not this user's to take, or the host is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener
