"""Rows of :mod:`nightlatch.stores.postgres`: its SQL, and records to and from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from nightlatch.limits import Limits
from nightlatch.record import EndReason, Previous, Record

COLUMNS = (
    "sid, secret_hash, user_name, created, seen, absolute_at, auth_at, auth_level, version, "
    "device, address, previous_hash, previous_until, previous_closes_on_use, "
    "previous_auth_level, ended, reason"
)

# The rule of `policy.ended_by`, once, for what must be decided where the row is. What it lets
# through is looked at again by the rule itself.
OVER = """CASE WHEN %(now)s >= least(s.absolute_at, s.created + %(absolute_ms)s) THEN 'absolute'
    WHEN %(now)s >= s.seen + %(idle_ms)s AND NOT %(hold)s THEN 'idle' END"""

# Whoever has given up no longer waits in the server either. Read when a lock is waited for, so it
# may be set in the statement itself; and gone with its transaction.
PATIENCE = "set_config('lock_timeout', %(lock_ms)s, true) <> ''"

BURY = "data = '', device = '', address = ''"

# The hash is compared as a hash of itself and of salt that is new each time, so how long the
# comparison takes tells nothing about it. Only this commit need not wait for the disk.
TOUCH = f"""WITH touched AS (
    UPDATE {{session}} s SET seen = %(at)s,
        previous_until = CASE WHEN previous_closes_on_use THEN 0 ELSE previous_until END,
        previous_closes_on_use = CASE WHEN previous_closes_on_use THEN false
            ELSE previous_closes_on_use END
    WHERE sid = %(sid)s AND ended IS NULL
        AND sha256(secret_hash || %(salt)s) = %(salted)s
        AND %(at)s - seen >= %(due_ms)s AND ({OVER}) IS NULL AND {PATIENCE}
    RETURNING *, set_config('synchronous_commit', 'off', true) = 'off' AS touched)
SELECT {COLUMNS}, data, touched FROM touched UNION ALL
SELECT {COLUMNS}, data, false FROM {{session}} s
    WHERE sid = %(sid)s AND NOT EXISTS (SELECT FROM touched)"""  # noqa: S608 - constants alone
READ = f"SELECT {COLUMNS}, data, false FROM {{session}} WHERE sid = %(sid)s"  # noqa: S608

# Decided on what was read, so only while that still holds.
SAME = f"""sid = %(sid)s AND ended IS NULL AND secret_hash = %(secret)s AND seen = %(seen)s
    AND {PATIENCE}"""
CLOSE = f"""UPDATE {{session}} SET previous_until = 0, previous_closes_on_use = false
    WHERE {SAME} RETURNING set_config('synchronous_commit', 'off', true)"""  # noqa: S608 - constants alone
BURY_IF_SAME = f"""UPDATE {{session}} SET ended = %(now)s, reason = %(reason)s, {BURY}
    WHERE {SAME} RETURNING sid"""  # noqa: S608 - as above

SAVE = f"""WITH saved AS (
    UPDATE {{session}} s SET version = version + 1, data = coalesce(%(data)s, data) {{rotated}}
    WHERE sid = %(sid)s AND ended IS NULL AND version = %(version)s AND ({OVER}) IS NULL
        AND {PATIENCE}
    RETURNING version)
SELECT {COLUMNS}, CASE WHEN EXISTS (SELECT FROM saved) THEN '' ELSE data END,
    EXISTS (SELECT FROM saved) FROM {{session}} s WHERE sid = %(sid)s"""  # noqa: S608
ROTATED = """, secret_hash = %(secret)s,
    seen = greatest(seen, %(auth_at)s), auth_at = coalesce(%(auth_at)s, auth_at),
    auth_level = coalesce(%(auth_level)s, auth_level), previous_hash = secret_hash,
    previous_until = %(until)s, previous_closes_on_use = %(closes)s,
    previous_auth_level = auth_level"""

CREATE = f"""WITH excess AS (
    SELECT sid FROM (SELECT sid, row_number() OVER (ORDER BY created DESC, sid DESC) AS place
        FROM {{session}} s WHERE user_name = %(user)s AND ended IS NULL
        AND sid IS DISTINCT FROM %(instead)s AND ({OVER}) IS NULL) live
    WHERE place >= %(count)s),
verdict AS (SELECT CASE
    WHEN EXISTS (SELECT FROM {{session}} WHERE sid = %(sid)s) THEN 'exists'
    WHEN EXISTS (SELECT FROM {{epoch}} WHERE who = ANY(%(whos)s) AND at >= %(began)s)
        THEN 'revoked'
    WHEN %(refuse)s AND EXISTS (SELECT FROM excess) THEN 'full' ELSE 'created' END AS word),
created AS (INSERT INTO {{session}} ({COLUMNS}, data) SELECT %(sid)s, %(secret_hash)s, %(user)s,
    %(created)s, %(seen)s, %(absolute_at)s, %(auth_at)s, %(auth_level)s, %(version)s, %(device)s,
    %(address)s, %(previous_hash)s, %(previous_until)s, %(previous_closes_on_use)s,
    %(previous_auth_level)s, %(ended)s, %(reason)s, %(data)s FROM verdict WHERE word = 'created'),
replaced AS (UPDATE {{session}} s SET ended = %(now)s, reason = 'replaced', {BURY}
    FROM verdict WHERE word = 'created' AND s.ended IS NULL
        AND (sid IN (SELECT sid FROM excess) OR sid = %(instead)s)
    RETURNING sid, user_name, created, sid IS NOT DISTINCT FROM %(instead)s AS own)
SELECT * FROM (SELECT word, NULL::uuid AS sid, NULL AS user_name, NULL AS created, NULL AS own
    FROM verdict UNION ALL SELECT 'replaced', sid, user_name, created, own FROM replaced) told
    ORDER BY own NULLS FIRST, created, sid"""  # noqa: S608

END = f"""UPDATE {{session}} s SET ended = %(now)s, reason = %(reason)s, {BURY}
    WHERE ended IS NULL AND {{meant}} RETURNING sid, user_name"""  # noqa: S608
END_ONE = END.replace(
    "{meant}",
    f"sid = %(sid)s AND (%(seen_by)s::bigint IS NULL OR seen <= %(seen_by)s) AND {PATIENCE}",
)
END_ALL = f"""WITH raised AS (INSERT INTO {{epoch}} AS e (who, at) VALUES (%(who)s, %(now)s)
    ON CONFLICT (who) DO UPDATE SET at = greatest(excluded.at, e.at + 1) RETURNING at),
buried AS ({END})
SELECT at, NULL, NULL FROM raised UNION ALL
SELECT NULL, sid, user_name FROM buried"""  # noqa: S608
END_USER = END_ALL.replace("{meant}", "user_name = %(user)s AND sid IS DISTINCT FROM %(keep)s")
END_EVERYONE = END_ALL.replace("{meant}", "true")

PAGE = "(%(after)s::uuid IS NULL OR sid > %(after)s) ORDER BY sid LIMIT %(count)s"
LIST = f"SELECT {COLUMNS}, ''::bytea FROM {{session}} WHERE ended IS NULL AND {PAGE}"  # noqa: S608
LIST_USER = LIST.replace("WHERE", "WHERE user_name = %(user)s AND")

# A row that somebody is changing just now is left to the next sweep: a sweep never waits, and so
# is in nobody's way.
SWEEP = f"""WITH page AS MATERIALIZED (SELECT sid FROM {{session}} WHERE {PAGE}),
meant AS MATERIALIZED (SELECT s.sid FROM {{session}} s JOIN page USING (sid)
    WHERE ended + %(keep_ms)s <= %(now)s OR ended IS NULL AND ({OVER}) IS NOT NULL
    FOR UPDATE OF s SKIP LOCKED),
buried AS (UPDATE {{session}} s SET ended = %(now)s, reason = {OVER}, {BURY}
    FROM meant WHERE s.sid = meant.sid AND ended IS NULL AND ({OVER}) IS NOT NULL
    RETURNING s.sid, user_name, reason),
purged AS (DELETE FROM {{session}} s USING meant
    WHERE s.sid = meant.sid AND ended + %(keep_ms)s <= %(now)s RETURNING s.sid),
epochs AS (DELETE FROM {{epoch}} WHERE at <= %(oldest)s)
SELECT 'page', (SELECT sid FROM page ORDER BY sid DESC LIMIT 1), NULL,
    (SELECT count(*) FROM page) UNION ALL
SELECT 'purged', NULL, NULL, count(*) FROM purged UNION ALL
SELECT reason, sid, user_name, NULL FROM buried"""  # noqa: S608


class Statements:
    """The statements for the tables of one schema.

    :param schema: its name, checked to be a plain one.
    """

    def __init__(self, schema: str) -> None:
        def named(statement: str) -> bytes:
            named = statement.replace("{session}", f'"{schema}".session')
            return named.replace("{epoch}", f'"{schema}".epoch').encode()

        self.create = named(CREATE)
        self.touch = named(TOUCH)
        self.read = named(READ)
        self.close = named(CLOSE)
        self.bury_if_same = named(BURY_IF_SAME)
        self.save = named(SAVE.replace("{rotated}", ""))
        self.rotate = named(SAVE.replace("{rotated}", ROTATED))
        self.end_one = named(END_ONE)
        self.end_user = named(END_USER)
        self.end_everyone = named(END_EVERYONE)
        self.list = named(LIST)
        self.list_user = named(LIST_USER)
        self.sweep = named(SWEEP)


def key(sid: str | None) -> UUID | None:
    """The key of a sid; of what is none, ``None``, which equals no row's."""
    try:
        key = UUID(hex=sid)
    except (ValueError, TypeError):
        return None
    # Braces, dashes and capitals would be other sids.
    return key if key.hex == sid else None


def limit_values(limits: Limits, now: int, hold_idle: bool = False) -> dict[str, Any]:
    """What the rule needs."""
    return {
        "now": now,
        "absolute_ms": limits.absolute_ms,
        "idle_ms": limits.idle_ms,
        "hold": hold_idle,
    }


def as_record(row: tuple[Any, ...]) -> Record:
    """A row that begins with all columns and the data, as a record."""
    (
        sid,
        secret_hash,
        user,
        created,
        seen,
        absolute_at,
        auth_at,
        auth_level,
        version,
        device,
        address,
        previous_hash,
        previous_until,
        previous_closes_on_use,
        previous_auth_level,
        ended,
        reason,
        data,
    ) = row[:18]
    return Record(
        sid.hex,
        secret_hash,
        user,
        created,
        seen,
        absolute_at,
        auth_at,
        auth_level,
        version,
        data,
        device,
        address,
        None
        if previous_hash is None
        else Previous(previous_hash, previous_until, previous_closes_on_use, previous_auth_level),
        ended,
        None if reason is None else EndReason(reason),
    )


def record_values(record: Record) -> dict[str, Any]:
    """A record as the values of a row."""
    previous = record.previous
    return {
        "sid": key(record.sid),
        "secret_hash": record.secret_hash,
        "user": record.user,
        "created": record.created,
        "seen": record.seen,
        "absolute_at": record.absolute_at,
        "auth_at": record.auth_at,
        "auth_level": record.auth_level,
        "version": record.version,
        "device": record.device,
        "address": record.address,
        "previous_hash": None if previous is None else previous.secret_hash,
        "previous_until": None if previous is None else previous.until,
        "previous_closes_on_use": None if previous is None else previous.closes_on_use,
        "previous_auth_level": None if previous is None else previous.auth_level,
        "ended": record.ended,
        "reason": record.reason,
        "data": record.data,
    }
