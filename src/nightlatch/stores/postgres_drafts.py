"""Drafts in PostgreSQL, in the schema of the sessions.

Who writes or drops drafts of one user takes turns with the others who do; whoever drops
everybody's, with all. What is read is decided on by :func:`nightlatch.drafts.verdict`, and written
only if it is still so, or else decided again.
"""

from __future__ import annotations

from typing import Any

from nightlatch.drafts import KEEP_MS, MOST, SWEEP, Draft, Found, Verdict, verdict
from nightlatch.stores.postgres_connections import Connections
from nightlatch.stores.postgres_turns import EVERYONE, Turns, who

# Expired drafts of anybody that a save takes along, so that they go without a sweep too.
IN_PASSING = 20

# A mark with an empty page stands for all pages; the page of a form is never empty.
MARKED = """coalesce((SELECT max(at) FROM {mark} WHERE who = %(who)s AND page IN (%(page)s, '')
    OR who = '*' AND page = ''), 0)"""
OF_PAGE = "user_name = %(user)s AND page = %(page)s"
FIND = f"""SELECT {MARKED}, sheet, opened, serial, at, fields FROM (SELECT 1) AS always
    LEFT JOIN {{draft}} ON {OF_PAGE} AND at > %(oldest)s"""  # noqa: S608 - constants alone
OLD = """DELETE FROM {draft} WHERE at <= %(oldest)s AND (user_name, page) IN (
    SELECT user_name, page FROM {draft} WHERE at <= %(oldest)s LIMIT %(count)s
    FOR UPDATE SKIP LOCKED)"""
OLD_MARKS = """DELETE FROM {mark} WHERE at <= %(oldest)s AND (who, page) IN (
    SELECT who, page FROM {mark} WHERE at <= %(oldest)s LIMIT %(count)s FOR UPDATE SKIP LOCKED)"""
# The one that has just been written stays, whatever a clock may have said before.
PUT = f"""WITH same AS (SELECT WHERE {MARKED} < %(opened)s AND NOT EXISTS (
    SELECT FROM {{draft}} WHERE {OF_PAGE} AND at > %(oldest)s
        AND (sheet, serial) IS DISTINCT FROM (%(sheet_before)s, %(serial_before)s))),
put AS (INSERT INTO {{draft}} (user_name, page, sheet, opened, serial, at, fields)
    SELECT %(user)s, %(page)s, %(sheet)s, %(opened)s, %(serial)s, %(at)s, %(fields)s FROM same
    ON CONFLICT (user_name, page) DO UPDATE SET sheet = excluded.sheet, opened = excluded.opened,
        serial = excluded.serial, at = excluded.at, fields = excluded.fields
    RETURNING set_config('synchronous_commit', 'off', true)),
too_many AS (DELETE FROM {{draft}} WHERE user_name = %(user)s AND EXISTS (SELECT FROM put)
    AND page IN (SELECT page FROM {{draft}} WHERE user_name = %(user)s AND page <> %(page)s
        ORDER BY at DESC, page DESC OFFSET %(most)s)),
old AS ({OLD} AND NOT ({OF_PAGE}))
SELECT * FROM put"""  # noqa: S608
MARK = """INSERT INTO {mark} AS m (who, page, at) VALUES (%(who)s, %(page)s, %(now)s)
    ON CONFLICT (who, page) DO UPDATE SET at = greatest(excluded.at, m.at + 1)"""
DROP = f"""WITH gone AS (DELETE FROM {{draft}} WHERE {{meant}} RETURNING at),
marked AS ({MARK}),
too_many AS (DELETE FROM {{mark}} WHERE who = %(who)s AND %(page)s <> '' AND page IN (
    SELECT page FROM {{mark}} WHERE who = %(who)s AND page NOT IN (%(page)s, '')
    ORDER BY at DESC, page DESC OFFSET %(most)s))
SELECT count(*) FROM gone WHERE at > %(oldest)s"""  # noqa: S608
SWEPT = f"""WITH old AS ({OLD} RETURNING at), old_marks AS ({OLD_MARKS})
SELECT count(*) FROM old"""  # noqa: S608


class PostgresDrafts:
    """Drafts beside the sessions of a :class:`~nightlatch.stores.postgres.PostgresStore`.

    :param connections: the store's, which are released with it.
    :param turns: of the store's schema.
    """

    def __init__(self, connections: Connections, turns: Turns) -> None:
        self._db = connections
        self._turns = turns

        def named(statement: str) -> bytes:
            named = statement.replace("{draft}", f'"{turns.schema}".draft')
            return named.replace("{mark}", f'"{turns.schema}".mark').encode()

        self._find = named(FIND)
        self._put = named(PUT)
        self._drop = named(DROP.replace("{meant}", OF_PAGE))
        self._drop_user = named(DROP.replace("{meant}", "user_name = %(user)s"))
        self._drop_every = named(DROP.replace("{meant}", "true"))
        self._sweep = named(SWEPT)

    def put(self, user: str, draft: Draft, *, instead_of: str | None = None) -> Verdict:
        """Keep a draft, if the rule allows it."""
        until = self._db.until()
        values = _of_page(user, draft.page, draft.at)
        while True:
            found = self._found(draft.page, values, until)
            answer = verdict(found, draft, instead_of)
            if answer is not Verdict.KEPT:
                return answer
            written = values | {
                "sheet": draft.sheet,
                "opened": draft.opened,
                "serial": draft.serial,
                "at": draft.at,
                "fields": draft.fields,
                "sheet_before": found.draft and found.draft.sheet,
                "serial_before": found.draft and found.draft.serial,
                "most": MOST - 1,
                "count": IN_PASSING,
            }
            turn = self._turns.of(user, "drafts")
            if self._db.ask("keep a draft", self._put, written, until=until, turn=turn):
                return answer

    def get(self, user: str, page: str, *, now: int) -> Found:
        """The draft of one form, and when one was dropped there last."""
        return self._found(page, _of_page(user, page, now), self._db.until())

    def drop(self, user: str, page: str, *, now: int) -> bool:
        """Drop a draft and leave a mark."""
        return bool(self._dropped(self._drop, user, page, now))

    def drop_all(self, user: str | None, *, now: int) -> int:
        """Drop all drafts of a user or of everybody, and leave a mark."""
        statement = self._drop_every if user is None else self._drop_user
        return self._dropped(statement, user, "", now)

    def sweep(self, *, now: int, count: int = SWEEP) -> int:
        """Remove what is past its time."""
        values = {"oldest": now - KEEP_MS, "count": count}
        ((gone,),) = self._db.ask("sweep drafts", self._sweep, values, until=self._db.until())
        return int(gone)

    def close(self) -> None:
        """Nothing is held that would need releasing: the connections are the store's."""

    # Inside

    def _found(self, page: str, values: dict[str, Any], until: int) -> Found:
        ((dropped, *draft),) = self._db.ask("get a draft", self._find, values, until=until)
        return Found(None if draft[0] is None else Draft(page, *draft), dropped)

    def _dropped(self, statement: bytes, user: str | None, page: str, now: int) -> int:
        values = _of_page(user, page, now) | {"now": now, "most": MOST - 1}
        turn = self._turns.of(user, "drafts")
        ((gone,),) = self._db.ask(
            "drop drafts", statement, values, until=self._db.until(), turn=turn
        )
        return int(gone)


def _of_page(user: str | None, page: str, now: int) -> dict[str, Any]:
    return {
        "user": user,
        "who": EVERYONE if user is None else who(user),
        # Bytes: a page's name comes from a browser, and may hold what no text here may.
        "page": page.encode("utf-8", "surrogatepass"),
        "oldest": now - KEEP_MS,
    }
