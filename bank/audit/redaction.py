"""No handler of :mod:`logging` gets a secret: not one that exists, not one that is added later.

Filters on loggers are not inherited, and filters on handlers know only their own handler. What
all handlers have in common is the way to them, so that is where records are cleaned, in four
places that each cover what the others cannot:

* ``Logger.callHandlers``: every record of every logger, also for handlers that override
  ``handle``, and for the last resort when there is no handler;
* ``Handler.handle``: records that come another way, as from a queue; and each handler gets a
  copy of its own, so that none sees what another one's filter has changed;
* ``Handler.format``: what a handler's own filter or formatter has added;
* ``Handler.handleError``: what is written to stderr of a handler that has failed. The exception
  that was being logged at the time is in the chain of its own one.
"""

from __future__ import annotations

import copy
import logging
import sys
import traceback
from contextlib import suppress
from typing import Any

from bank.audit.scrub import HIDDEN, is_sensitive, scrub
from bank.audit.text import escape, escape_lines, spelled_for

WITHHELD = "[withheld: this record could not be searched for secrets]"

# What logging itself puts on a record, and no caller's text.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CLEAN = object()
_DEEPEST = 6

_originals: dict[str, Any] = {}


def install() -> None:
    """Puts the guard around every handler of this process. Twice is as good as once."""
    if _originals:
        return
    for owner, name, guarded in _GUARDED:
        _originals[name] = getattr(owner, name)
        setattr(owner, name, guarded)


def uninstall() -> None:
    """Takes the guard away again; for tests."""
    if _originals:
        for owner, name, _ in _GUARDED:
            setattr(owner, name, _originals.pop(name))


def is_installed() -> bool:
    """Whether the guard stands, whole."""
    return all(getattr(owner, name) is guarded for owner, name, guarded in _GUARDED)


def clean(record: logging.LogRecord) -> logging.LogRecord:
    """A copy without secrets: message, arguments, extra fields, exception and stack.

    The message is put together here, so the copy has no arguments; one that cannot be put
    together says so and shows none of them. The exception is there as text and as a stand-in of
    the same name: the real one leads to every local variable of its frames.
    """
    if record.__dict__.get("_clean") is _CLEAN:
        return record
    # A class of its own could put back what is taken out here.
    cleaned = logging.makeLogRecord(
        {name: value for name, value in record.__dict__.items() if name in _OWN}
    )
    cleaned.args = None
    cleaned.__dict__.pop("message", None)
    try:
        cleaned.msg = escape(scrub(_message(record)))
        _clean_exception(record, cleaned)
        for name, value in record.__dict__.items():
            if name not in _OWN:
                cleaned.__dict__[name] = HIDDEN if is_sensitive(name) else _clean_value(value)
    except Exception:
        # Rather no text than one that nobody has searched. That something happened is kept.
        cleaned.msg = WITHHELD
        cleaned.exc_info = cleaned.exc_text = cleaned.stack_info = None
    cleaned.__dict__["_clean"] = _CLEAN
    return cleaned


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        args = record.args if isinstance(record.args, tuple) else (record.args,)
        kinds = ", ".join(type(arg).__name__ for arg in args)
        return f"{record.msg} [not formatted: its arguments do not fit; they were: {kinds}]"


def _clean_exception(record: logging.LogRecord, cleaned: logging.LogRecord) -> None:
    cleaned.exc_info = None
    text = record.exc_text
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text = text or "".join(traceback.format_exception(error))
        kind = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})
        stand_in = kind(escape(scrub(str(error))))
        cleaned.exc_info = (kind, stand_in, None)
    cleaned.exc_text = escape_lines(scrub(text)) if text else None
    stack = record.stack_info
    cleaned.stack_info = escape_lines(scrub(stack)) if stack else None


def _clean_value(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return escape(scrub(value))
    if depth < _DEEPEST and isinstance(value, dict):
        return {
            _clean_value(name, depth + 1): HIDDEN
            if isinstance(name, str) and is_sensitive(name)
            else _clean_value(item, depth + 1)
            for name, item in value.items()
        }
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_clean_value(item, depth + 1) for item in value]
    # An object may show anything to a formatter; its text, once searched, shows nothing more.
    return escape(scrub(str(value)))


def _call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
    _originals["callHandlers"](self, clean(record))


def _handle(self: logging.Handler, record: logging.LogRecord) -> Any:
    return _originals["handle"](self, copy.copy(clean(record)))


def _format(self: logging.Handler, record: logging.LogRecord) -> str:
    text = scrub(_originals["format"](self, record))
    encoding = getattr(getattr(self, "stream", None), "encoding", None)
    return spelled_for(text, encoding) if isinstance(encoding, str) else text


def _handle_error(self: logging.Handler, record: logging.LogRecord) -> None:
    if not logging.raiseExceptions or sys.stderr is None:
        return
    try:
        text = scrub(traceback.format_exc())
        said = clean(record)
        text = f"{escape_lines(text)}\n  | Message: {said.msg}"
    except Exception:
        text = WITHHELD
    # There is no place left to report to.
    with suppress(OSError, ValueError):
        sys.stderr.write(f"--- Logging error in {type(self).__name__} ---\n{text}\n")


_GUARDED = (
    (logging.Logger, "callHandlers", _call_handlers),
    (logging.Handler, "handle", _handle),
    (logging.Handler, "format", _format),
    (logging.Handler, "handleError", _handle_error),
)
