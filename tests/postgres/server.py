"""A PostgreSQL server of the tests' own, and a pooler before it, on sockets in a folder."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from nightlatch.clock import pause
from nightlatch.stores.postgres import PostgresStore
from nightlatch.stores.postgres_schema import migrate

WAIT_S = 60


def program(name: str) -> str:
    """Where a program of PostgreSQL is; Debian keeps them apart from the others."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name)
    )
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"], "/usr/sbin"])
    found = shutil.which(name, path=path)
    assert found, f"{name} is not installed; `sh tools/postgres.sh` installs it, or says how"
    return found


class Server:
    """A new server with one database, in a temporary folder; nobody else's is ever used.

    It refuses to run as root, and then runs as the first of some users that have few rights.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nl-pg-"))
        # Whatever becomes of the tests, their servers do not outlive them.
        self.as_user = ["setpriv", "--pdeathsig=QUIT"]
        if os.getuid() == 0:
            self.as_user += _an_unprivileged_user(self.folder)
        self.data = self.folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        # Schemas with empty tables, to be used again.
        self.used: list[str] = []
        self._run("initdb", "-D", self.data, "-U", "owner", "-A", "trust", "-E", "UTF8", "-N",
                  "--locale=C")  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "max_connections": 60,
            "shared_buffers": "16MB",
            # The tests kill processes, never the machine's power.
            "fsync": "off",
            "restart_after_crash": "off",
        }
        settings = (f"--{name}={value}" for name, value in options.items())
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.as_user, program("postgres"), "-D", self.data, *settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill every process of it by -9, as when the machine's supervisor does it."""
        assert self.process is not None
        killed = self.pids()
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(WAIT_S)
        until(lambda: not any(map(_lives, killed)))

    def stop(self) -> None:
        """Stop it, and remove its folder."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)

    def pids(self) -> list[int]:
        """Every process of it: its children have groups of their own, and its user."""
        assert self.process is not None
        return [*_descendants(self.process.pid)]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there, and does not answer."""
        stopped = self.pids()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

    def url(self, database: str = "postgres", **options: object) -> str:
        """The address of one of its databases."""
        given = {"host": self.folder, **options}
        query = "&".join(f"{name}={value}" for name, value in given.items())
        return f"postgresql://owner@/{database}?{query}"

    def connect(
        self, database: str = "postgres", schema: str = "public"
    ) -> psycopg.Connection[Any]:
        """A connection of somebody else's, in autocommit."""
        db = psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)
        db.execute(f"SET search_path = {schema}".encode())
        return db

    def schema(self) -> str:
        """A new and empty store: a schema with its tables. Returns its name."""
        name = f"s_{secrets.token_hex(6)}"
        migrate(self.url(), schema=name)
        return name

    def empty(self, schema: str) -> None:
        """Forget all that a store holds."""
        with closing(self.connect(schema=schema)) as db:
            for table in (b"session", b"epoch", b"draft", b"mark"):
                db.execute(b"DELETE FROM " + table)

    def drop(self, schema: str) -> None:
        """Remove it again."""
        with closing(self.connect()) as db:
            db.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())

    def _run(self, name: str, *arguments: object) -> None:
        command = [*self.as_user, program(name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr


class Pooler:
    """pgbouncer before a server, giving each transaction whichever connection is free."""

    def __init__(self, server: Server) -> None:
        self.folder = server.folder / "pooler"
        self.folder.mkdir(mode=0o777)
        self.folder.chmod(0o777)
        settings = self.folder / "pgbouncer.ini"
        users = self.folder / "users.txt"
        users.write_text('"owner" ""\n')
        settings.write_text(
            f"[databases]\npostgres = host={server.folder} dbname=postgres\n[pgbouncer]\n"
            f"listen_port = 6432\nunix_socket_dir = {self.folder}\nauth_type = trust\n"
            f"auth_file = {users}\npool_mode = transaction\ndefault_pool_size = 4\n"
            "logfile = /dev/null\n"
        )
        self.process = subprocess.Popen(
            [*server.as_user, program("pgbouncer"), "-q", settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until((self.folder / ".s.PGSQL.6432").exists)

    def url(self, **options: object) -> str:
        """The address of the database behind it."""
        given = {"host": self.folder, "port": 6432, **options}
        query = "&".join(f"{name}={value}" for name, value in given.items())
        return f"postgresql://owner@/postgres?{query}"

    def stop(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.wait(WAIT_S)


@contextmanager
def opened(server: Server, url: str | None = None, **options: Any) -> Iterator[PostgresStore]:
    """An empty store of its own, for the time of a ``with`` block."""
    schema = server.used.pop() if server.used else server.schema()
    with closing(PostgresStore(url or server.url(), schema=schema, **options)) as store:
        yield store
    server.empty(schema)
    server.used.append(schema)


def until(condition: Any) -> None:
    """Ask again and again, for a while."""
    for _ in range(WAIT_S * 100):
        if condition():
            return
        pause(10)
    raise AssertionError(f"{condition} did not come true in {WAIT_S} s")


def _an_unprivileged_user(folder: Path) -> list[str]:
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    raise AssertionError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _lives(pid: int) -> bool:
    try:
        # After the program's name in brackets; Z: only its parent still has to hear of its end.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from _descendants(int(child))
