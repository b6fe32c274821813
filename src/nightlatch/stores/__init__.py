"""Where sessions are kept: the contract is in :mod:`nightlatch.stores.base`."""

from __future__ import annotations

from nightlatch.errors import SettingError
from nightlatch.stores.base import SessionStore

__all__ = ["open_store"]

ALLOWED = "memory://, sqlite:///relative.db, sqlite:////absolute/path.db or postgresql://user@host/database"


def open_store(url: str) -> SessionStore:
    """The store that a URL names.

    ``memory://`` keeps sessions in this process, for tests and trials. ``sqlite:///sessions.db``
    keeps them in a file, relative to the working directory; with four slashes the path is
    absolute. What follows the three slashes is the path as it is: nothing is percent-decoded.
    ``postgresql://user@host/database`` keeps them in a database that many machines share.

    :raises SettingError: no such store, or a file that cannot be one.
    :raises StoreUnavailable: another process did not let go of the file.
    """
    scheme, _, rest = url.partition("://")
    if url == "memory://":
        from nightlatch.stores.memory import MemoryStore

        return MemoryStore()
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        from nightlatch.stores.sqlite import SqliteStore

        return SqliteStore(rest[1:])
    if scheme == "postgresql":
        try:
            from nightlatch.stores.postgres import PostgresStore
        except ImportError as error:
            raise SettingError(
                "store", "postgresql://…", "that, once nightlatch[postgres] is installed"
            ) from error

        return PostgresStore(url)
    # Only the scheme: what comes after it may hold a password.
    raise SettingError("store", f"{scheme}://…", ALLOWED)
