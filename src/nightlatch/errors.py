"""Everything that nightlatch can raise, in one tree.

::

    NightlatchError
    ├── SettingError        a setting that cannot be right; raised at start-up
    ├── StoreUnavailable    the store did not answer; nobody is signed out by it
    │   └── SignOutUnconfirmed  signed out in this browser, not yet in the store
    ├── DataError           session data that cannot be kept as it is
    │   ├── NotStorable     a value that would not come back as it went in
    │   ├── TooLarge        more data than one session may hold
    │   └── Undecodable     stored bytes that are not a session's data
    ├── SaveConflict        parallel requests kept winning; nothing was written
    ├── SignInRefused       the store would not begin this user's session
    └── ReauthenticationRequired  the user must prove again who they are

Absence is never an error here: an unknown, ended or expired session is a value
that the verbs of :mod:`nightlatch.manager` return.
No message, attribute or ``repr`` in this tree carries a token, a secret or a hash.
"""

from __future__ import annotations

from datetime import timedelta


class NightlatchError(Exception):
    """The root of everything that nightlatch raises on purpose."""


class SettingError(NightlatchError, ValueError):
    """A setting cannot be right, so the application must not start with it.

    :ivar setting: the name, as the caller spells it.
    :ivar value: what was given.
    :ivar allowed: what would be accepted, in words.
    """

    def __init__(self, setting: str, value: object, allowed: str) -> None:
        self.setting = setting
        self.value = value
        self.allowed = allowed
        shown = value
        if isinstance(value, timedelta) and value < timedelta(0):
            shown = f"-{-value}"  # Python itself writes minus one second as "-1 day, 23:59:59"
        super().__init__(f"{setting} is {shown}, which cannot work. Allowed: {allowed}.")


class StoreUnavailable(NightlatchError):
    """The session store did not answer, so nothing is known about the session.

    An application answers 503 and leaves the cookie alone: *unknown* is not *signed out*.

    :ivar doing: the verb that failed, such as ``"open"``.
    :ivar cause: what kind of failure it was, in a word of the driver's.
    :ivar retry_after_s: when a client may sensibly try again, in whole seconds.
    """

    def __init__(self, doing: str, cause: str, *, retry_after_s: int = 5) -> None:
        self.doing = doing
        self.cause = cause
        self.retry_after_s = retry_after_s
        super().__init__(
            f"The session store did not answer ({doing}: {cause}). "
            f"Nobody was signed out; try again in {retry_after_s} s."
        )


class SignOutUnconfirmed(StoreUnavailable):
    """A sign-out took the cookie away, and the store did not confirm the session's end.

    An application answers 503 and says so: whoever else has the cookie may still be let in.

    :ivar noted: the sign-out is in the journal and will be carried out as soon as the store
        answers; otherwise the session lasts until its limits end it.
    """

    def __init__(self, doing: str, cause: str, *, noted: bool, retry_after_s: int = 5) -> None:
        super().__init__(doing, cause, retry_after_s=retry_after_s)
        self.noted = noted
        then = (
            "It will be ended as soon as the store answers."
            if noted
            else "Its time limits will end it. If somebody else may have used this browser, "
            "sign in again later and end all your sessions."
        )
        self.args = (
            "You are signed out in this browser, but it could not be confirmed that your session "
            f"has ended: the session store did not answer ({doing}: {cause}). {then}",
        )


class DataError(NightlatchError):
    """Session data cannot be kept, or read back, as it is."""


class NotStorable(DataError, TypeError):
    """A value would not come back from the store as it went in.

    :ivar key: the session key under which it was found, with the path inside it.
    :ivar kind: the name of the value's type.
    """

    def __init__(self, key: str, kind: str, why: str) -> None:
        self.key = key
        self.kind = kind
        super().__init__(
            f"session[{key!r}] holds a {kind}, which cannot be stored: {why}. "
            "Store a str, int, float, bool, None, list, tuple, dict with str keys, set, bytes, "
            "datetime, date, Decimal or UUID instead."
        )


class TooLarge(DataError, ValueError):
    """The session's data is larger than one session may hold.

    :ivar size_bytes: what it would take.
    :ivar max_bytes: what is allowed.
    """

    def __init__(self, size_bytes: int, max_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.max_bytes = max_bytes
        super().__init__(
            f"The session's data takes {size_bytes} bytes and at most {max_bytes} are allowed. "
            "Keep large things elsewhere and their key in the session, or raise max_bytes."
        )


class Undecodable(DataError):
    """Stored bytes are not a session's data; the session must end as *corrupt*."""


class SaveConflict(NightlatchError):
    """Other requests of the same session won every time, so nothing was written.

    :ivar sid: the session's public handle.
    :ivar tries: how often it was attempted.
    """

    def __init__(self, sid: str, tries: int) -> None:
        self.sid = sid
        self.tries = tries
        super().__init__(
            f"Session {sid} was changed by other requests {tries} times in a row; "
            "this request's changes were not saved. Try the request again."
        )


class SignInRefused(NightlatchError):
    """The store would not begin a session for this user.

    :ivar reason: ``"revoked"`` when the user's sessions were ended after this
        authentication began, ``"full"`` when the limit of parallel sessions is reached.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        why = {
            "revoked": "all sessions of this user were ended while the sign-in was under way; "
            "sign in again",
            "full": "the user already has as many sessions as are allowed; "
            "end one of them and sign in again",
        }
        super().__init__(f"The sign-in was refused: {why[reason]}.")


class ReauthenticationRequired(NightlatchError):
    """What was asked for needs a recent proof of who the user is (OWASP ASVS 5.0, 7.5).

    Also raised when the request came with the secret before the last rotation: that one only
    reads.
    """

    def __init__(self) -> None:
        super().__init__(
            "This needs a recent proof of who the user is. Authenticate again, then repeat it."
        )
