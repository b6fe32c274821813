"""Adding users, and letting them in or not: what administrators do to the table of users."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bank.db import Database
from bank.names import BadText, clean, name_key
from bank.signin.models import StoredHash, User


class NameTaken(ValueError):
    """Somebody has that name, or one that is compared as the same."""


def add_user(
    database: Database, name: str, full_name: str, password_hash: str, *, is_admin: bool = False
) -> User:
    """Adds somebody who can sign in.

    :param password_hash: from :func:`bank.signin.passwords.make_hash`, or another system's.
    :raises BadText: nobody can be called that.
    :raises NameTaken: somebody is.
    """
    name, full_name = clean(name), clean(full_name)
    if not name or not full_name:
        raise BadText("A name has at least one character.")
    user = User(name=name, key=name_key(name), full_name=full_name, password_hash=password_hash)
    if is_admin:
        user.make_admin()
    try:
        with database.write() as session:
            session.add(user)
    except IntegrityError as error:
        raise NameTaken(name) from error
    return user


def set_disabled(session: Session, user: User, since_ms: int | None) -> bool:
    """Keeps a user out from a moment on, or lets them in again.

    :param since_ms: None lets them in.
    :returns: False when that is how it was.
    """
    before = User.disabled_ms.is_(None) if since_ms is not None else User.disabled_ms.is_not(None)
    changed = session.execute(
        update(User)
        .where(User.id == user.id, before)
        .values(disabled_ms=since_ms)
        .returning(User.id)
    )
    return changed.first() is not None


def all_users(session: Session) -> list[User]:
    """Everybody, by number."""
    return list(session.scalars(select(User).order_by(User.id)))


def count_users(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count(User.id))) or 0


def hashes_after(session: Session, user_id: int, limit: int) -> list[StoredHash]:
    """The hashes of the next users, by number.

    :param user_id: the number of the last one that was seen; 0 to begin with.
    """
    found = session.execute(
        select(User.id, User.password_hash).where(User.id > user_id).order_by(User.id).limit(limit)
    )
    return [StoredHash(row.id, row.password_hash) for row in found]
