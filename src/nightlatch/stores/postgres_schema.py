"""The tables of :mod:`nightlatch.stores.postgres`: where they are, and how they come to be.

``NIGHTLATCH_STORE=postgresql://… python -m nightlatch.stores.postgres_schema`` makes them, or
brings them to this version, and says which it is. It may be run again, and by many at once.
With ``--sql`` it prints the statements instead, for whoever runs them by hand.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg import conninfo

from nightlatch.errors import SettingError

LIMIT_MS = 2_000
CONNECTIONS = 10
SCHEMA = "nightlatch"

# Each step is one version, and is never changed again once it has been published.
# `seen` has no index and a page has room, so that a touch writes one page and no index (a heap-only
# update). An empty page is all of them. `who` is '*' for everyone, or '=' and a user's name.
STEPS = (
    """
CREATE TABLE {schema}.session (
    sid uuid PRIMARY KEY,
    secret_hash bytea NOT NULL,
    user_name text COLLATE "C",
    created bigint NOT NULL,
    seen bigint NOT NULL,
    absolute_at bigint NOT NULL,
    auth_at bigint,
    auth_level integer NOT NULL,
    version bigint NOT NULL,
    device text NOT NULL,
    address text NOT NULL,
    previous_hash bytea,
    previous_until bigint,
    previous_closes_on_use boolean,
    previous_auth_level integer,
    ended bigint,
    reason text,
    data bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX session_live ON {schema}.session (user_name, sid)
    WHERE ended IS NULL AND user_name IS NOT NULL;
CREATE TABLE {schema}.epoch (who text COLLATE "C" PRIMARY KEY, at bigint NOT NULL);
CREATE INDEX epoch_at ON {schema}.epoch (at);
CREATE TABLE {schema}.draft (
    user_name text COLLATE "C",
    page bytea,
    sheet text NOT NULL,
    opened bigint NOT NULL,
    serial bigint NOT NULL,
    at bigint NOT NULL,
    fields bytea NOT NULL,
    PRIMARY KEY (user_name, page)
);
CREATE INDEX draft_at ON {schema}.draft (at);
CREATE TABLE {schema}.mark (who text COLLATE "C", page bytea, at bigint NOT NULL,
    PRIMARY KEY (who, page));
CREATE INDEX mark_at ON {schema}.mark (at);
CREATE TABLE {schema}.version (version integer PRIMARY KEY);
INSERT INTO {schema}.version VALUES (1);
""",
)
SCHEMA_VERSION = len(STEPS)

# "nlat" in ASCII: the lock that lets one migration run at a time.
MIGRATION_LOCK = 0x6E6C6174
ALLOWED = "a URL such as postgresql://user@host/database, as libpq has it"


@dataclass(frozen=True, slots=True)
class Address:
    """What a store's URL says.

    :ivar conninfo: what is for libpq, which may hold a password.
    :ivar schema: where the tables are.
    """

    conninfo: str = field(repr=False)
    schema: str = SCHEMA
    limit_ms: int = LIMIT_MS
    connections: int = CONNECTIONS


def read_address(url: str, **given: Any) -> Address:
    """Take a URL apart.

    :param given: what goes before the URL's own ``schema``, ``limit_ms`` and ``connections``.
    :raises SettingError: it is none, or one of these cannot be right.
    """
    base, _, query = url.partition("?")
    options = {name: value for name, value in given.items() if value is not None}
    rest = []
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        if name in ("schema", "limit_ms", "connections"):
            options.setdefault(name, unquote(value))
        else:
            rest.append(part)
    try:
        params: dict[str, Any] = conninfo.conninfo_to_dict(
            "?".join([base, "&".join(rest)] if rest else [base])
        )
    except psycopg.Error:
        # What libpq says quotes the URL.
        raise SettingError("store", "postgresql://…", ALLOWED) from None
    schema = str(options.get("schema", SCHEMA))
    if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", schema):
        raise SettingError(
            "schema", repr(schema), "a plain name: small letters, digits and _, at most 63"
        )
    limit_ms = _whole("limit_ms", options.get("limit_ms", LIMIT_MS), 100, 60_000)
    params = {
        "application_name": "nightlatch",
        "connect_timeout": max(2, limit_ms // 1000),
        "tcp_user_timeout": limit_ms,
        **params,
        "client_encoding": "UTF8",
    }
    return Address(
        conninfo.make_conninfo("", **params),
        schema,
        limit_ms,
        _whole("connections", options.get("connections", CONNECTIONS), 1, 1_000),
    )


def wrong_version(db: psycopg.Connection[Any], schema: str) -> str | None:
    """Why these tables cannot be used, in words; ``None`` when they can.

    :raises psycopg.Error: they are not there, or not for this user.
    """
    row = db.execute(f'SELECT max(version) FROM "{schema}".version'.encode()).fetchone()  # noqa: S608 - a plain name
    found = row[0] if row else None
    return None if found == SCHEMA_VERSION else f"its tables are of schema version {found}"


def migrate(url: str, *, schema: str | None = None) -> int:
    """Make the tables, or bring them to this version; in one transaction, one at a time.

    :returns: the version that was there before; 0 for none.
    :raises SettingError: the tables are of a later version, the database keeps no UTF-8, or the
        server refused.
    """
    address = read_address(url, schema=schema)
    schema = address.schema
    try:
        with psycopg.connect(address.conninfo, prepare_threshold=None) as db:
            db.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
            if _one(db, "SHOW server_encoding") != "UTF8":
                raise SettingError("store", "a database that is not in UTF-8", "one that is")
            before = 0
            if _one(db, "SELECT to_regclass(%s)", f"{schema}.version") is not None:
                before = _one(db, f'SELECT max(version) FROM "{schema}".version') or 0  # noqa: S608 - a plain name
            if before > SCHEMA_VERSION:
                raise SettingError(
                    "store",
                    f"of schema version {before}",
                    f"schema version {SCHEMA_VERSION}, or a newer nightlatch",
                )
            if _one(db, "SELECT to_regnamespace(%s)", schema) is None:
                db.execute(f'CREATE SCHEMA "{schema}"'.encode())
            for step in STEPS[before:]:
                db.execute(step.format(schema=f'"{schema}"').encode())
            return int(before)
    except psycopg.Error as error:
        # The driver's error has the connection's password with it.
        kind = type(error).__name__
        raise SettingError(
            "store", f"postgresql://…, which refused ({kind})", "a server and a user that may"
        ) from None


def main(arguments: list[str]) -> int:
    """Run from a command line; returns the exit code."""
    url = os.environ.get("NIGHTLATCH_STORE", "")
    try:
        if arguments == ["--sql"]:
            schema = read_address(url or "postgresql://").schema
            sys.stdout.write(f'CREATE SCHEMA IF NOT EXISTS "{schema}";\n')
            sys.stdout.write("".join(step.format(schema=f'"{schema}"') for step in STEPS))
        elif arguments or not url.startswith(("postgresql://", "postgres://")):
            sys.stderr.write(f"Usage: {(__doc__ or '').partition(chr(10) * 2)[2]}")
            return 2
        else:
            before = migrate(url)
            sys.stdout.write(f"Schema version {SCHEMA_VERSION} (was {before}).\n")
    except SettingError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    return 0


def _one(db: psycopg.Connection[Any], statement: str, *values: object) -> Any:
    row = db.execute(statement.encode(), values or None).fetchone()
    return row and row[0]


def _whole(name: str, value: object, low: int, high: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise SettingError(name, repr(value), f"a whole number from {low} to {high}")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
