"""The people who bank here."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_login import UserMixin
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from bank.db import Base
from bank.names import BadText, name_key


class User(UserMixin, Base):
    """Somebody who can sign in.

    :ivar name: what they sign in with, as it was registered.
    :ivar key: the same for comparing, see :func:`bank.names.name_key`.
    :ivar full_name: what the bank calls them.
    :ivar password_hash: see :mod:`bank.signin.passwords`; never shown, never logged.
    :ivar disabled_ms: since when they may not sign in, in ms since the epoch; None when they may.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    password_hash: Mapped[str]
    disabled_ms: Mapped[int | None]
    _administrator: Mapped[Administrator | None] = relationship(lazy="joined")

    @property
    def is_admin(self) -> bool:
        """Whether they look after everyone's sessions."""
        return self._administrator is not None

    def make_admin(self) -> None:
        """Lets them look after everyone's sessions, once this is written."""
        self._administrator = Administrator()


class Administrator(Base):
    """The flag of a user who looks after everyone's sessions.

    A table of its own: a bank from before there were administrators gets it at its next start,
    and its table of users stays as it is.
    """

    __tablename__ = "administrators"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)


def find_user(session: Session, name: str) -> User | None:
    """The user of that name, in any spelling that means the same; nobody is ``None``."""
    try:
        key = name_key(name)
    except BadText:
        return None
    return session.scalar(select(User).where(User.key == key))


@dataclass(frozen=True, slots=True)
class StoredHash:
    """What is kept for one user's password, without the rest of the user."""

    id: int
    password_hash: str = field(repr=False)


def replace_hash(session: Session, user: User | StoredHash, new: str) -> bool:
    """Puts a stronger hash in the place of the one that was checked.

    :param user: with the hash that was checked.
    :returns: False when the stored one is another by now: a password change in between wins,
        and of two sign-ins at once the first.
    """
    changed = session.execute(
        update(User)
        .where(User.id == user.id, User.password_hash == user.password_hash)
        .values(password_hash=new)
        .returning(User.id)
    )
    return changed.first() is not None
