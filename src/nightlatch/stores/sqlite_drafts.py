"""Drafts in a SQLite file of their own, beside that of the sessions.

SQLite has one writer at a time. In a file of their own, people who type hold up nobody's session;
the sessions' file stays as it was, for an older version that is still running too; and what people
type can be left out of a backup, or deleted, without touching anybody's session.
"""

from __future__ import annotations

from pathlib import Path

from nightlatch.drafts import KEEP_MS, MOST, SWEEP, Draft, Found, Verdict, verdict
from nightlatch.stores.sqlite_file import Connection, Kind, SessionFile
from nightlatch.stores.sqlite_rows import EVERYONE, first

# "nldr" in ASCII.
APPLICATION_ID = 0x6E6C6472
VERSION = 1
# Expired drafts of anybody that a save takes along, so that they go without a sweep too.
IN_PASSING = 20
# A mark with this page stands for all pages; the page of a form is never empty.
ALL = ""

KIND = Kind(
    APPLICATION_ID,
    VERSION,
    (
        """CREATE TABLE draft (
            user TEXT NOT NULL,
            page TEXT NOT NULL,
            sheet TEXT NOT NULL,
            opened INTEGER NOT NULL,
            serial INTEGER NOT NULL,
            at INTEGER NOT NULL,
            fields BLOB NOT NULL,
            PRIMARY KEY (user, page)
        )""",
        "CREATE INDEX draft_at ON draft (at)",
        # An empty BLOB stands for everyone, as in the sessions' file.
        """CREATE TABLE mark (
            user NOT NULL,
            page TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (user, page)
        ) WITHOUT ROWID""",
        "CREATE INDEX mark_at ON mark (at)",
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA user_version = {VERSION}",
    ),
)

READ = """SELECT page, sheet, opened, serial, at, fields FROM draft
    WHERE user = ? AND page = ? AND at > ?"""
MARKED = """SELECT coalesce(max(at), 0) FROM mark
    WHERE (user = ?1 AND page IN (?2, '')) OR (user = ?3 AND page = '')"""
PUT = "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?, ?, ?)"
DROP = "DELETE FROM draft WHERE user = ? AND page = ?"
DROP_EXPIRED_OF_USER = "DELETE FROM draft WHERE user = ? AND at <= ?"
DROP_OF_USER = "DELETE FROM draft WHERE user = ?"
DROP_EXPIRED = "DELETE FROM draft WHERE at <= ?"
DROP_EVERY = "DELETE FROM draft"
MARK = """INSERT INTO mark (user, page, at) VALUES (?, ?, ?)
    ON CONFLICT (user, page) DO UPDATE SET at = max(excluded.at, at + 1)"""
# The one that has just been written stays, whatever a clock may have said before.
TOO_MANY = """DELETE FROM draft WHERE user = ?1 AND page IN (
    SELECT page FROM draft WHERE user = ?1 AND page <> ?2 ORDER BY at DESC, page DESC
    LIMIT -1 OFFSET ?3)"""
TOO_MANY_MARKS = """DELETE FROM mark WHERE user = ?1 AND page IN (
    SELECT page FROM mark WHERE user = ?1 AND page NOT IN (?2, '') ORDER BY at DESC, page DESC
    LIMIT -1 OFFSET ?3)"""
OLD = "DELETE FROM draft WHERE rowid IN (SELECT rowid FROM draft WHERE at <= ? LIMIT ?)"
OLD_MARKS = """DELETE FROM mark WHERE (user, page) IN (
    SELECT user, page FROM mark WHERE at <= ? LIMIT ?)"""


class SqliteDrafts:
    """Drafts in one SQLite file; ``SqliteStore.drafts()`` says which.

    :param path: where the file is, absolute; made when it is missing, with mode 0600. What people
        have typed stands in it as it is.
    :param busy_timeout_ms: how long a verb waits for another writer before it gives up.
    :param make: no: nothing is made and nothing is tried before the first verb.
    :raises SettingError: the file cannot be reached or made, or is another one.
    :raises StoreUnavailable: another process did not let go of the file.
    """

    def __init__(self, path: Path, busy_timeout_ms: int, *, make: bool = True) -> None:
        self._file = SessionFile(path, busy_timeout_ms, KIND, make=make)

    def put(self, user: str, draft: Draft, *, instead_of: str | None = None) -> Verdict:
        """Keep a draft, if the rule allows it."""
        # Not worth waiting for the disk: the next save comes in a moment.
        with self._file.transaction("keep a draft", durable=False) as db:
            answer = verdict(_find(db, user, draft.page, draft.at), draft, instead_of)
            if answer is Verdict.KEPT:
                row = (draft.page, draft.sheet, draft.opened, draft.serial, draft.at, draft.fields)
                db.execute(PUT, (user, *row))
                db.execute(TOO_MANY, (user, draft.page, MOST - 1))
                db.execute(OLD, (draft.at - KEEP_MS, IN_PASSING))
        return answer

    def get(self, user: str, page: str, *, now: int) -> Found:
        """The draft of one form, and when one was dropped there last."""
        with self._file.connection("get a draft") as db:
            return _find(db, user, page, now)

    def drop(self, user: str, page: str, *, now: int) -> bool:
        """Drop a draft and leave a mark."""
        with self._file.transaction("drop a draft") as db:
            gone = _find(db, user, page, now).draft is not None
            db.execute(DROP, (user, page))
            db.execute(MARK, (user, page, now))
            db.execute(TOO_MANY_MARKS, (user, page, MOST - 1))
        return gone

    def drop_all(self, user: str | None, *, now: int) -> int:
        """Drop all drafts of a user or of everybody, and leave a mark."""
        with self._file.transaction("drop drafts") as db:
            if user is None:
                db.execute(DROP_EXPIRED, (now - KEEP_MS,))
                gone = db.execute(DROP_EVERY).rowcount
            else:
                db.execute(DROP_EXPIRED_OF_USER, (user, now - KEEP_MS))
                gone = db.execute(DROP_OF_USER, (user,)).rowcount
            db.execute(MARK, (EVERYONE if user is None else user, ALL, now))
        return gone

    def sweep(self, *, now: int, count: int = SWEEP) -> int:
        """Remove what is past its time."""
        with self._file.transaction("sweep drafts") as db:
            gone = db.execute(OLD, (now - KEEP_MS, count)).rowcount
            db.execute(OLD_MARKS, (now - KEEP_MS, count))
        return gone

    def close(self) -> None:
        """Release every connection. A second call does nothing."""
        self._file.close()


def _find(db: Connection, user: str, page: str, now: int) -> Found:
    # Marks first: what is dropped between the two is then found without a draft, never the other
    # way round.
    marked = first(db, MARKED, user, page, EVERYONE)
    row = first(db, READ, user, page, now - KEEP_MS)
    return Found(None if row is None else Draft(*row), marked[0] if marked else 0)
