"""The file behind :mod:`nightlatch.stores.sqlite`: its connections and its tables."""

from __future__ import annotations

import logging
import os
import sqlite3
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from nightlatch.clock import SystemClock, pause
from nightlatch.errors import SettingError, StoreUnavailable

_log = logging.getLogger("nightlatch")

SCHEMA_VERSION = 1
# "nlat" in ASCII: tells our file from an application's own.
APPLICATION_ID = 0x6E6C6174

BUSY_PAUSE_MS = 5

# The small columns that change come first and the data last: SQLite reads a row from its start.
# `seen` has no index, so that a touch rewrites one row of one tree and nothing else.
# In `epoch`, an empty BLOB stands for everyone: it equals no user's name, which is TEXT.
SCHEMA = (
    """CREATE TABLE session (
        sid BLOB NOT NULL PRIMARY KEY,
        secret_hash BLOB NOT NULL,
        user TEXT,
        created INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        absolute_at INTEGER NOT NULL,
        auth_at INTEGER,
        auth_level INTEGER NOT NULL,
        version INTEGER NOT NULL,
        previous_hash BLOB,
        previous_until INTEGER,
        previous_closes_on_use INTEGER,
        previous_auth_level INTEGER,
        ended INTEGER,
        reason TEXT,
        device TEXT NOT NULL,
        address TEXT NOT NULL,
        data BLOB NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX session_live ON session (user) WHERE ended IS NULL AND user IS NOT NULL",
    "CREATE TABLE epoch (user NOT NULL PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX epoch_at ON epoch (at)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file of ours holds, and how it is told from others.

    :ivar application_id: four bytes that stand in its head.
    :ivar version: of its tables; a newer one is refused.
    :ivar schema: the statements that make the tables and write down the other two.
    """

    application_id: int
    version: int
    schema: tuple[str, ...]


SESSIONS = Kind(APPLICATION_ID, SCHEMA_VERSION, SCHEMA)

_WHOSE = """SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
    FROM pragma_application_id, pragma_user_version"""

SPOILED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# Device and number: what tells a file from another one that took its name.
Identity = tuple[int, int]

# Raised by a mistake in this package, not by the file: never told as "did not answer".
MISTAKES = (
    sqlite3.ProgrammingError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.NotSupportedError,
)


class Connection(sqlite3.Connection):
    """A connection that remembers which file it has open, and how hard it syncs.

    Asking SQLite for the latter costs a statement, and for the former there is no way.
    """

    identity: Identity = (0, 0)
    log: Identity | None = None
    _durable: bool | None = None
    _wait_ms: int | None = None

    def sync(self, durable: bool) -> None:
        """Wait for the disk at every commit from now on, or leave that to the system.

        In WAL mode both survive the process; only what was waited for survives the machine.
        """
        if durable is not self._durable:
            self.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def wait(self, ms: int) -> None:
        """Wait so long for another writer from now on."""
        if ms != self._wait_ms:
            self.execute(f"PRAGMA busy_timeout = {ms}")
            self._wait_ms = ms


class SessionFile:
    """One SQLite file and the connections of this process to it.

    A connection serves one verb at a time and then waits for the next, of whichever thread:
    as many are open as verbs have ever run at once, also where a server makes a thread per
    request, and none is left behind by a thread that is gone. None crosses a fork.

    SQLite goes on with a file that somebody deleted or moved, and what it writes there is lost;
    a new and empty one in its place would sign everybody out. So after the start nothing is
    made any more: while the file is missing, every verb raises ``StoreUnavailable``. One that
    comes back is used again, also another one, such as a backup, if it is a store of ours.

    :param path: where the file is; made, with its folder, when it is missing. Its mode is 0600.
    :param busy_timeout_ms: how long to wait for another writer.
    :param kind: what it holds; absent: sessions.
    :param make: no: nothing is made and nothing is tried before the first verb.
    :raises SettingError: the file cannot be reached or made, is no SQLite file, is another
        application's, or of a newer version of this one.
    :raises StoreUnavailable: another process did not let go of the file.
    """

    def __init__(
        self, path: Path, busy_timeout_ms: int, kind: Kind = SESSIONS, *, make: bool = True
    ) -> None:
        self.path = path
        self._kind = kind
        self._name = str(path)  # looked at by every verb, and looking by name is quicker
        self._busy_timeout_ms = busy_timeout_ms
        self._closed = False
        self._begin_process()
        self._identity: Identity | None = None
        if make:
            self._make(path)

    def _make(self, path: Path) -> None:
        # Tried now, so that a wrong path stops the application's start, and not kept, because
        # servers fork between their start and the first request.
        try:
            with _answering("start"):
                _create(path)
                self._identity = _identity(self._name)
                self._connect(lambda db: _install(db, path, self._kind)).close()
        except StoreUnavailable as error:
            if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise  # a moment later it may do
            raise SettingError(
                "store",
                f"{path} ({error.cause})",
                "a SQLite file of its own, which this user can make, read and write",
            ) from error

    @contextmanager
    def connection(self, doing: str, *, durable: bool = False) -> Iterator[Connection]:
        """A connection for one verb, in autocommit.

        :param doing: the verb, for the error.
        :param durable: what is written is on disk when the statement returns.
        :raises StoreUnavailable: SQLite could not do it. Its own text stays out of the message.
        """
        if self._pid != os.getpid():
            # SQLite forbids even closing a connection that was opened before a fork.
            _inherited.append(self._idle)
            self._begin_process()
        with self._turn(doing, durable) as wait_ms, _answering(doing):
            db = self._take(doing)
            keep = True
            try:
                db.sync(durable)
                db.wait(wait_ms)
                yield db
                if durable:
                    # Or it went into a file that was on its way out.
                    self._check(doing, db.identity)
            except sqlite3.DatabaseError as error:
                # It may remember spoiled pages after the file has been repaired.
                keep = getattr(error, "sqlite_errorcode", 0) & 0xFF not in SPOILED
                raise
            finally:
                # Undoes what was half done. The connection is kept also after a failure: on a
                # full disk there would be no other.
                db.rollback()
                if keep:
                    self._idle.append(db)
                else:
                    db.close()
                if self._closed:
                    _drain(self._idle)

    @contextmanager
    def transaction(self, doing: str, *, durable: bool = True) -> Iterator[Connection]:
        """As :meth:`connection`: the statements inside happen together, or not at all.

        The write lock is taken at the start, so that nothing read inside can have changed.
        """
        with self.connection(doing, durable=durable) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def close(self) -> None:
        """Close every connection; one that a verb is using goes as soon as the verb is done."""
        self._closed = True
        _drain(self._idle)

    # Inside

    @contextmanager
    def _turn(self, doing: str, durable: bool) -> Iterator[int]:
        """Let this process's durable writers go one by one; yields how long to wait for others.

        SQLite lets writers try again at random moments, and of fifty threads some would try in
        vain until their time is up.
        """
        if not durable:
            yield self._busy_timeout_ms
            return
        clock, writing = SystemClock(), self._writing
        began = clock.elapsed()
        if not writing.acquire(timeout=self._busy_timeout_ms / 1000):
            raise StoreUnavailable(doing, "SQLITE_BUSY")
        try:
            yield max(0, self._busy_timeout_ms - (clock.elapsed() - began))
        finally:
            writing.release()

    def _begin_process(self) -> None:
        # Anew in every process: a fork may come while another thread holds it.
        self._writing = Lock()
        self._idle: deque[Connection] = deque()
        self._pid = os.getpid()
        _files.add(self)
        # A store that is forgotten without close() leaves no connection behind.
        weakref.finalize(self, _drain_own, self._idle, self._pid)

    def _take(self, doing: str) -> Connection:
        if self._closed:
            raise StoreUnavailable(doing, "the store is closed")
        there, log = _identity(self._name), _log_of(self._name)
        with suppress(IndexError):
            while True:
                db = self._idle.pop()
                if (db.identity, db.log) == (there, log):
                    return db
                _part_with(db, rescue=db.identity == there and log is None)
        db = self._connect(lambda db: _recognise(db, doing, self.path, self._kind))
        before, self._identity = self._identity, there
        if before not in (there, None):
            _log.warning("Another file is in the place of the session store and is used now.")
        return db

    def _check(self, doing: str, identity: Identity) -> None:
        if _identity_if_any(self._name) != identity:
            raise StoreUnavailable(doing, "the file was moved or deleted meanwhile")

    def _connect(self, prepare: Callable[[Connection], None]) -> Connection:
        identity = _identity(self._name)
        db = sqlite3.connect(
            # Never makes a file.
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        try:
            # What a session held is overwritten when it ends.
            db.execute("PRAGMA secure_delete = ON")
            self._patiently(prepare, db)
            db.wait(self._busy_timeout_ms)
            self._check("open the file", identity)
        except BaseException:
            db.close()
            raise
        db.identity, db.log = identity, _log_of(self._name)
        return db

    def _patiently(self, prepare: Callable[[Connection], None], db: Connection) -> None:
        # Waited for here and not by SQLite, which does not wait its turn where two processes
        # switch one new file to WAL.
        clock = SystemClock()
        give_up = clock.elapsed() + self._busy_timeout_ms
        while True:
            try:
                return prepare(db)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or clock.elapsed() >= give_up:
                    raise
            pause(BUSY_PAUSE_MS)


def _install(db: Connection, path: Path, kind: Kind = SESSIONS) -> None:
    if _is_ours(db, path, kind):
        return
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    # Another process may have been first.
    for statement in () if _is_ours(db, path, kind) else kind.schema:
        db.execute(statement)
    db.execute("COMMIT")


def _recognise(db: Connection, doing: str, path: Path, kind: Kind) -> None:
    try:
        ours = _is_ours(db, path, kind)
    except SettingError as error:
        raise StoreUnavailable(doing, "the file has become another one") from error
    if not ours:
        raise StoreUnavailable(doing, "an empty file is in the place of the store's")


def _part_with(db: Connection, *, rescue: bool) -> None:
    """Close a connection whose files are gone.

    :param rescue: somebody has deleted the write-ahead log alone. This connection still has it,
        and what is in it goes into the file before it is lost.
    """
    with suppress(sqlite3.Error):
        if rescue:
            db.execute("PRAGMA wal_checkpoint")
    db.close()


def _log_of(name: str) -> Identity | None:
    return _identity_if_any(f"{name}-wal")


def _identity_if_any(name: str) -> Identity | None:
    try:
        return _identity(name)
    except OSError:
        return None


def _identity(name: str) -> Identity:
    found = os.stat(name)
    return found.st_dev, found.st_ino


def _is_ours(db: Connection, path: Path, kind: Kind) -> bool:
    """Whether the tables are there; an empty file is about to become ours."""
    # One statement, and so one moment: between two of them another process could have made the
    # tables, and the file would look like neither.
    application_id, version, tables = db.execute(_WHOSE).fetchone()
    if application_id != kind.application_id:
        if application_id or version or tables:
            raise SettingError("store", f"{path}, another application's file", "a file of its own")
        return False
    if version > kind.version:
        raise SettingError(
            "store",
            f"{path}, of schema version {version}",
            f"schema version {kind.version}; run the newer nightlatch that made this file, "
            "or name a new file",
        )
    return True


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Only a file that is new: closing one that is open elsewhere in this process would drop
    # the locks that SQLite holds on it. What SQLite puts beside it gets the same mode.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def _answering(doing: str) -> Iterator[None]:
    try:
        yield
    except MISTAKES:
        raise
    except sqlite3.Error as error:
        cause = getattr(error, "sqlite_errorname", type(error).__name__)
        raise StoreUnavailable(doing, cause) from error
    except OSError as error:
        raise StoreUnavailable(doing, type(error).__name__) from error


# Forks

_files: weakref.WeakSet[SessionFile] = weakref.WeakSet()
_inherited: list[deque[Connection]] = []


def _drain(idle: deque[Connection]) -> None:
    with suppress(IndexError):
        while True:
            idle.pop().close()


def _drain_own(idle: deque[Connection], pid: int) -> None:
    if pid == os.getpid():
        _drain(idle)


def _before_fork() -> None:
    for file in list(_files):
        _drain_own(file._idle, file._pid)


# Windows has no fork. Runtimes that fork behind Python's back are caught by the process id.
with suppress(AttributeError):
    os.register_at_fork(before=_before_fork)
