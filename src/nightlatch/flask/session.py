"""``flask.session``: a mapping whose values live in the store, with the verbs of its life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import g, has_app_context
from flask import session as flask_session
from flask.sessions import SessionMixin

from nightlatch.delta import between
from nightlatch.errors import ReauthenticationRequired, SignOutUnconfirmed, StoreUnavailable
from nightlatch.manager import Manager, Started
from nightlatch.record import EndReason, Record
from nightlatch.stores.base import Ended, Ends, Live
from nightlatch.token import Token

# What Flask-WTF calls its token in the session, unless its WTF_CSRF_FIELD_NAME says otherwise.
CSRF_KEY = "csrf_token"

# How long after a sign-in a request with the token before it may still be on the network.
SETTLE_MS = 5_000


class ServerSession(SessionMixin):
    """The session of one request: a mapping whose values live in the store.

    Nothing is read before it is needed, and a visitor has no row until something is stored.
    Changes of nested values are noticed without ``modified = True``.

    :ivar unavailable: why nobody knows the session; ``None`` when the store has answered.
    :ivar began: when this request arrived, ms since the epoch: authentication in it cannot
        have begun earlier.
    """

    def __init__(
        self,
        manager: Manager,
        token: str | None,
        *,
        activity: Callable[[], bool],
        optional: Callable[[], bool] = lambda: False,
        csrf_key: str = CSRF_KEY,
    ) -> None:
        self.manager = manager
        self._csrf_key = csrf_key
        self.began = manager.now()
        self.presented = token
        self.is_activity = activity
        self._is_optional = optional
        self.unavailable: StoreUnavailable | None = None
        self._found: Live | Ended | None = None
        self._opened = False
        self._values: dict[str, Any] | None = None
        self._loaded: dict[str, Any] = {}
        self.token_to_send: Token | None = None
        self.cookie_to_delete = False
        self.dropped = False

    # What it is

    @property
    def opened(self) -> bool:
        """Whether this request has looked at its session at all."""
        return self._opened

    @property
    def used(self) -> bool:
        """Whether this request has looked at its session's values."""
        return self._values is not None

    def open(self) -> Live | Ended | None:
        """The session that the request came with, crediting its activity once.

        :raises StoreUnavailable: nobody knows; but in an ``optional`` view it is a visitor's.
        """
        if not self._opened:
            try:
                with self._all_or_nothing():
                    if self.unavailable is not None:
                        raise self.unavailable
                    if self.presented:
                        activity = self.is_activity()
                        self._found = self.manager.resume(self.presented, activity=activity)
            except StoreUnavailable as error:
                self.unavailable = error
                if not self._is_optional():
                    raise
            self._opened = True
        return self._found

    def credit(self) -> None:
        """Credit the request's activity, which fails no request that does without its session.

        A store out of reach is told to whoever looks at the session afterwards.
        """
        try:
            self.open()
        except StoreUnavailable:
            self._opened, self._values = False, None

    @property
    def record(self) -> Record | None:
        """The live session's record; ``None`` when there is none."""
        found = self.open()
        return found.record if isinstance(found, Live) else None

    @property
    def user(self) -> str | None:
        """Whose session it is; ``None`` for a visitor."""
        record = self.record
        return record.user if record else None

    @property
    def ended(self) -> Ended | None:
        """The signed-in session that the request came with, if that has ended."""
        found = self.open()
        return found if isinstance(found, Ended) and found.user is not None else None

    @property
    def sid(self) -> str | None:
        """The public handle of the live session."""
        record = self.record
        return record.sid if record else None

    # What happens to it; done when the call returns

    def sign_in(
        self, user: str, *, auth_level: int = 1, device: str = "", address: str = ""
    ) -> None:
        """Begin the session of a user who has just proved who they are.

        The browser gets a token that nobody has seen, and what it had before ends. A visitor's
        values go with them, but for the CSRF token; another user's do not, but for those that
        this request has set.

        :raises SignInRefused: see :meth:`nightlatch.Manager.start`.
        """
        values = dict(self._data())
        if self.unavailable is not None:
            raise self.unavailable
        before = self.record
        if before is not None and before.user not in (None, user):
            values = between(self._loaded, values, self.manager.codec.pack).changed
        if values.get(self._csrf_key) == self._loaded.get(self._csrf_key):
            # Whoever planted the visitor's session knows this one, and what was signed with it.
            values.pop(self._csrf_key, None)
            if has_app_context():
                g.pop(self._csrf_key, None)
        with self._all_or_nothing():
            started = self.manager.start(
                user,
                values=values,
                began=self.began,
                instead_of=before,
                auth_level=auth_level,
                device=device,
                address=address,
            )
        self._adopt(Live(started.record), values)
        self.token_to_send = started.token
        self.cookie_to_delete = False

    def sign_out(self, reason: EndReason = EndReason.SIGNED_OUT) -> bool:
        """End the session on the server, now, and take the cookie away.

        :returns: whether there was a live one.
        :raises SignOutUnconfirmed: the store did not answer. The cookie is taken away all the
            same, and the end is carried out later.
        """
        try:
            record = self.record
            if self.unavailable is not None:
                raise self.unavailable
            if record is None:
                return False
            with self._all_or_nothing():
                ended = self.manager.end(record.sid, reason)
        except StoreUnavailable as error:
            token = self.token_to_send.text() if self.token_to_send else self.presented
            noted = self.manager.note_sign_out(token)
            self._adopt(None, {})
            self.token_to_send = None
            self.cookie_to_delete = True
            self.unavailable = SignOutUnconfirmed(
                error.doing, error.cause, noted=noted, retry_after_s=error.retry_after_s
            )
            raise self.unavailable from error
        self.forget(ended or Ended(record.sid, record.user, reason, self.manager.now()))
        return True

    def step_up(self, auth_level: int | None = None) -> None:
        """The user has just proved again who they are: the token rotates (ASVS 5.0, 7.2.4).

        :param auth_level: what the proof was worth; absent: as much as before.
        :raises ReauthenticationRequired: the request came with the secret before the last
            rotation, which raises nothing.
        """
        self._refuse_stale()
        record = self.record
        if record is None:
            return
        level = record.auth_level if auth_level is None else auth_level
        with self._all_or_nothing():
            rotated = self.manager.rotate(record, auth_level=level)
        if isinstance(rotated, Started):
            after = rotated.record
            if self.used and after.data != record.data:
                # Another request saved meanwhile. This one's changes are still told by what it
                # has read itself, or storing them would undo the other's.
                after = replace(after, version=record.version, data=record.data)
            self._found = Live(after)
            self.token_to_send = rotated.token
        else:
            self._adopt(rotated, {})

    def forget(self, ended: Ended) -> None:
        """The session has ended: what it held is gone, and its cookie goes with the answer."""
        self._adopt(ended, {})
        self.token_to_send = None
        self.cookie_to_delete = True

    def end_user(self, user: str, *, keep_this: bool = False) -> int:
        """End all sessions of a user, with or without this one.

        :returns: how many were ended. A sign-in later in this same request is good.
        :raises ReauthenticationRequired: see :meth:`step_up`.
        """
        self._refuse_stale()
        record = self.record
        with self._all_or_nothing():
            ends = self.manager.end_user(user, keep=record.sid if record and keep_this else None)
        return self._after(ends)

    def end_everyone(self) -> int:
        """End every session there is, this one and visitors' included.

        :returns: how many were ended.
        :raises ReauthenticationRequired: see :meth:`step_up`.
        """
        self._refuse_stale()
        self.open()
        with self._all_or_nothing():
            return self._after(self.manager.end_everyone())

    def end_one(self, sid: str, *, of: str | None = None) -> bool:
        """End one session by its handle; it may be this one.

        :param of: only if it is this user's; absent: whoever's it is.
        :returns: whether there was a live one to end. Another user's is not told from none.
        :raises ReauthenticationRequired: see :meth:`step_up`.
        """
        self._refuse_stale()
        record = self.record
        with self._all_or_nothing():
            if of is not None and all(info.sid != sid for info in self.manager.list(of)):
                return False
            ended = self.manager.end(sid, EndReason.REVOKED)
        if ended is not None and record is not None and record.sid == sid:
            self.forget(ended)
        return ended is not None

    def is_recent(self, within_ms: int, *, level: int = 0) -> bool:
        """Whether the user has proved within that time who they are, for ``level`` or more.

        Never for a request that came with the secret before the last rotation.
        """
        record = self.record
        if record is None or record.auth_at is None or record.auth_level < level:
            return False
        return self.manager.now() - record.auth_at < within_ms

    def require_recent(self, within_ms: int, *, level: int = 0) -> None:
        """As :func:`nightlatch.flask.require_recent`, for a part of a view.

        :raises ReauthenticationRequired: it is longer ago. Unless the application handles it,
            a person is led to the ``reauth_view`` and a script gets 401.
        """
        if not self.is_recent(within_ms, level=level):
            raise ReauthenticationRequired

    def update_key(self, key: str, change: Callable[[Any], Any]) -> Any:
        """Store ``change`` of what ``key`` holds at the moment, at once; for counters and lists.

        Assigning ``session["n"] + 1`` would lose an increment that another request makes at
        the same time: the later one wins. This one reads and writes in one step, and what else
        the request has changed so far is stored with it.

        :param change: is given the value, ``None`` where there is none, and returns the new
            one. It may be called several times, so it may do nothing else.
        :returns: the new value.
        :raises DataError: the value cannot be stored.
        :raises SaveConflict: other requests won 60 times; nothing was written.
        """
        values = self._data()
        found = self._found
        if not isinstance(found, Live) or found.stale:
            # There is no row yet that anybody could share, or none that this request may write.
            values[key] = change(values.get(key))
            return values[key]

        def remember(current: object) -> object:
            values[key] = made = change(current)
            return made

        had = dict(values)
        with self._all_or_nothing():
            after = self.manager.update_key(found.record, key, remember, values=had)
        if isinstance(after, Record):
            own = self.manager.codec.encode(values)
            self._rebase(after, found.record, own)
        return values[key]

    def _after(self, ends: Ends) -> int:
        self.began = ends.epoch + 1
        for ended in ends.ended:
            if ended.sid == self.sid:
                self.forget(ended)
                break
        return len(ends.ended)

    def _refuse_stale(self) -> None:
        found = self.open()
        if isinstance(found, Live) and found.stale:
            raise ReauthenticationRequired

    def _rebase(self, stored: Record, read: Record, own: bytes) -> None:
        # Another request may have saved meanwhile. This one's later changes are told by what it
        # has itself, under a version that is out of date, or storing them would undo the other's.
        if stored.data != own:
            stored = replace(stored, version=read.version, data=own)
        self._found = Live(stored)
        self._loaded = dict(self._data())

    def commit(self, *, device: str = "", address: str = "") -> None:
        """Store what the request has changed; called once, before the headers go out."""
        if self._values is None or self.dropped:
            return
        found = self._found
        if isinstance(found, Live):
            # A request that came with the secret before the last rotation only reads.
            if not found.stale:
                self.manager.save(found.record, self._values)
        elif self._values and not self._under_way():
            started = self.manager.start(None, values=self._values, device=device, address=address)
            self.token_to_send = started.token
            self.cookie_to_delete = False

    def _under_way(self) -> bool:
        """Whether a sign-in replaced this session while the request was on its way.

        A cookie sent now would arrive after the new session's and take its place.
        """
        found = self._found
        return (
            isinstance(found, Ended)
            and found.reason is EndReason.REPLACED
            and self.began < found.at + SETTLE_MS
        )

    # The mapping

    def __getitem__(self, key: str) -> Any:
        return self._data()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._data()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._data()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data())

    def __len__(self) -> int:
        return len(self._data())

    def __repr__(self) -> str:
        # Looking at it in a debugger or a log asks no store.
        found = self._found
        return f"<ServerSession {found.record.sid if isinstance(found, Live) else 'without a row'}>"

    @property
    def permanent(self) -> bool:
        """Always false: the cookie goes when the browser closes, and the limits end the session.

        Setting it has no effect, so ``session.permanent = True`` makes no row for a visitor.
        """
        return False

    @permanent.setter
    def permanent(self, value: bool) -> None:
        pass

    def was(self, key: str) -> Any:
        """The value that the request found under ``key``; ``None`` when there was none."""
        self._data()
        return self._loaded.get(key)

    def _data(self) -> dict[str, Any]:
        if self._values is None:
            found = self.open()
            values = self.manager.values(found.record) if isinstance(found, Live) else {}
            if isinstance(values, Ended):
                self._adopt(values, {})
            else:
                self._adopt(found, values)
        assert self._values is not None
        return self._values

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            # This request stores nothing any more, and what looks at the session after this, such
            # as the page that says so, finds it empty instead of failing in its turn.
            self.dropped = True
            if self._values is None:
                self._adopt(None, {})
            raise

    def _adopt(self, found: Live | Ended | None, values: dict[str, Any]) -> None:
        self._found, self._opened = found, True
        self._values, self._loaded = dict(values), dict(values)


def current_session() -> ServerSession:
    """The session of this request, with its verbs: ``sign_in``, ``sign_out``, ``end_user``.

    :raises RuntimeError: outside a request, or the application does not use nightlatch.
    """
    found: object = flask_session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(found, ServerSession):
        raise RuntimeError(
            "This application's sessions are not nightlatch's: call Nightlatch(app) first."
        )
    return found
