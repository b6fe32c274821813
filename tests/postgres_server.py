"""A PostgreSQL server of the tests' own, on a socket in a folder; nobody else's is ever used."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg


def program(name: str) -> str:
    """Where a program of PostgreSQL is; Debian keeps them apart from the others."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: one.parent.name)
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    assert found, f"{name} is not installed; on Debian: apt install postgresql"
    return found


class Server:
    """Started when it is made. It refuses to run as root, and then runs as another user."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nl-pg-"))
        self.as_user = [] if os.getuid() else _as_an_unprivileged_user(self.folder)
        self.data = self.folder / "data"
        self._run("initdb", "-D", self.data, "-U", "owner", "-A", "trust", "-E", "UTF8", "-N",
                  "--locale=C")  # fmt: skip
        # The tests kill processes, never the machine's power.
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it, and remove its folder."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://owner@/{database}?host={self.folder}"

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A connection of somebody else's, in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def _run(self, name: str, *arguments: object) -> None:
        command = [*self.as_user, program(name), *map(str, arguments)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            # Not pipes: the server would hold them open for as long as it runs.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        assert done.returncode == 0, f"{name} ended with {done.returncode}"


def _as_an_unprivileged_user(folder: Path) -> list[str]:
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    raise AssertionError("PostgreSQL does not run as root, and there is no user postgres or nobody")
