"""Errors say what happened, with what value, and what to do next."""

from __future__ import annotations

import inspect

import pytest

from nightlatch import errors
from nightlatch.errors import (
    DataError,
    NightlatchError,
    NotStorable,
    ReauthenticationRequired,
    SaveConflict,
    SettingError,
    SignInRefused,
    SignOutUnconfirmed,
    StoreUnavailable,
    TooLarge,
    Undecodable,
)

EXAMPLES: list[tuple[NightlatchError, str, dict[str, object]]] = [
    (
        SettingError("idle", "0:00:00", "longer than zero"),
        "idle is 0:00:00, which cannot work. Allowed: longer than zero.",
        {"setting": "idle", "value": "0:00:00", "allowed": "longer than zero"},
    ),
    (
        StoreUnavailable("open", "SQLITE_BUSY", retry_after_s=7),
        "The session store did not answer (open: SQLITE_BUSY). "
        "Nobody was signed out; try again in 7 s.",
        {"doing": "open", "retry_after_s": 7},
    ),
    (
        SignOutUnconfirmed("end", "SQLITE_BUSY", noted=True, retry_after_s=7),
        "You are signed out in this browser, but it could not be confirmed that your session has "
        "ended: the session store did not answer (end: SQLITE_BUSY). It will be ended as soon as "
        "the store answers.",
        {"doing": "end", "retry_after_s": 7, "noted": True},
    ),
    (
        SignOutUnconfirmed("open", "the store is closed", noted=False),
        "You are signed out in this browser, but it could not be confirmed that your session has "
        "ended: the session store did not answer (open: the store is closed). Its time limits "
        "will end it. If somebody else may have used this browser, sign in again later and end "
        "all your sessions.",
        {"noted": False},
    ),
    (
        NotStorable("cart[0]", "object", "nothing here knows how to make it again"),
        "session['cart[0]'] holds a object, which cannot be stored: nothing here knows how to "
        "make it again. Store a str, int, float, bool, None, list, tuple, dict with str keys, "
        "set, bytes, datetime, date, Decimal or UUID instead.",
        {"key": "cart[0]", "kind": "object"},
    ),
    (
        TooLarge(70_000, 65_536),
        "The session's data takes 70000 bytes and at most 65536 are allowed. "
        "Keep large things elsewhere and their key in the session, or raise max_bytes.",
        {"size_bytes": 70_000, "max_bytes": 65_536},
    ),
    (Undecodable("The session's data cannot be read."), "The session's data cannot be read.", {}),
    (
        SaveConflict("0" * 32, 60),
        f"Session {'0' * 32} was changed by other requests 60 times in a row; "
        "this request's changes were not saved. Try the request again.",
        {"sid": "0" * 32, "tries": 60},
    ),
    (
        ReauthenticationRequired(),
        "This needs a recent proof of who the user is. Authenticate again, then repeat it.",
        {},
    ),
    (
        SignInRefused("revoked"),
        "The sign-in was refused: all sessions of this user were ended while the sign-in was "
        "under way; sign in again.",
        {"reason": "revoked"},
    ),
    (
        SignInRefused("full"),
        "The sign-in was refused: the user already has as many sessions as are allowed; "
        "end one of them and sign in again.",
        {"reason": "full"},
    ),
]


@pytest.mark.parametrize(("error", "message", "attributes"), EXAMPLES)
def test_messages(error: NightlatchError, message: str, attributes: dict[str, object]) -> None:
    """Each message is a sentence for a person, and its parts are attributes for a program."""
    assert str(error) == message
    assert {name: getattr(error, name) for name in attributes} == attributes


def test_the_tree() -> None:
    """Everything raised on purpose has one root; errors of values are also Python's own kind."""
    everything = {
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if found.__module__ == errors.__name__
    }

    assert all(issubclass(cls, NightlatchError) for cls in everything)
    assert {type(error) for error, _, _ in EXAMPLES} == everything - {NightlatchError, DataError}
    assert issubclass(SettingError, ValueError)
    assert issubclass(NotStorable, DataError | TypeError)
    assert issubclass(TooLarge, DataError | ValueError)
    assert issubclass(Undecodable, DataError)


def test_retry_after() -> None:
    """A client may try again after five seconds unless the store knows better."""
    assert StoreUnavailable("open", "SQLITE_BUSY").retry_after_s == 5
