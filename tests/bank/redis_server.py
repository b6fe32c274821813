"""A Redis of a test run alone, reached by a socket in a folder that goes with it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

PROGRAM = os.environ.get("REDIS_SERVER", "/usr/bin/redis-server")
# Only a failure ever waits for it.
PATIENCE_S = 60


class RedisServer:
    """One ``redis-server`` process that keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        assert os.access(PROGRAM, os.X_OK), f"no Redis server at {PROGRAM}; REDIS_SERVER names one"
        self._socket = folder / "socket"
        self._process = subprocess.Popen(
            [
                *(PROGRAM, "--port", "0", "--unixsocket", str(self._socket)),
                *("--dir", str(folder), "--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        """Where the bank finds it."""
        return f"redis+unix://{self._socket}"

    def empty(self) -> None:
        """Takes everything out of it."""
        with Redis(unix_socket_path=str(self._socket)) as client:
            client.flushall()

    def keys(self) -> list[str]:
        """What it holds values under."""
        with Redis(unix_socket_path=str(self._socket)) as client:
            return [key.decode() for key in client.scan_iter()]

    def __enter__(self) -> Self:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.empty()
            except (RedisError, OSError):
                assert self._process.poll() is None, "it has ended"
                assert time.monotonic() < give_up, "it does not answer"
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)
