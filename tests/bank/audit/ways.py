"""The rows and columns of the matrix: how a secret gets into a log, and what writes the log."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import sys
from collections.abc import Callable
from typing import TextIO

TOKEN = "v1." + "5e" * 16 + "." + "S3cret_-" * 5 + "abc"
LAYOUT = "%(levelname)s %(name)s %(message)s | %(note)s | %(payload)s"

Way = Callable[[logging.Logger, str], None]
Handlers = Callable[[logging.Logger, TextIO], object]


def _message(log: logging.Logger, secret: str) -> None:
    log.error(f"the cookie was {secret}")


def _args(log: logging.Logger, secret: str) -> None:
    log.error("the cookie was %s", secret)


def _dict_args(log: logging.Logger, secret: str) -> None:
    log.error("the cookie was %(value)s", {"value": secret})


def _extra(log: logging.Logger, secret: str) -> None:
    log.error("see the fields", extra={"note": secret, "payload": {"deep": [secret, (secret,)]}})


def _exception_text(log: logging.Logger, secret: str) -> None:
    try:
        raise ValueError(f"cannot parse {secret}")
    except ValueError:
        log.exception("it failed")


def _exception_cause(log: logging.Logger, secret: str) -> None:
    try:
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        log.exception("it failed")


def _exception_context(log: logging.Logger, secret: str) -> None:
    try:
        try:
            raise KeyError(secret)
        except KeyError:
            raise RuntimeError("outer")  # noqa: B904 - the chain that nobody asked for is the point
    except RuntimeError:
        log.exception("it failed")


def _exception_group(log: logging.Logger, secret: str) -> None:
    try:
        raise ExceptionGroup("several", [ValueError(secret), KeyError(secret)])
    except ExceptionGroup:
        log.exception("it failed")


def _exception_note(log: logging.Logger, secret: str) -> None:
    try:
        error = ValueError("bare")
        error.add_note(f"it was {secret}")
        raise error
    except ValueError:
        log.exception("it failed")


def _bad_format_string(log: logging.Logger, secret: str) -> None:
    log.error("%d", secret)


def _bad_dict_format_string(log: logging.Logger, secret: str) -> None:
    log.error("%(missing)s", {"value": secret})


def _object(log: logging.Logger, secret: str) -> None:
    class Shows:
        def __str__(self) -> str:
            return secret

        __repr__ = __str__

    log.error("%s and %r", Shows(), Shows(), extra={"payload": Shows()})


def _bytes(log: logging.Logger, secret: str) -> None:
    log.error("%r", secret.encode(), extra={"payload": {"b": secret.encode()}})


WAYS: dict[str, Way] = {
    "message": _message,
    "args": _args,
    "dict args": _dict_args,
    "extra": _extra,
    "exception text": _exception_text,
    "exception cause": _exception_cause,
    "exception context": _exception_context,
    "exception group": _exception_group,
    "exception note": _exception_note,
    "bad format string": _bad_format_string,
    "bad dict format string": _bad_dict_format_string,
    "object": _object,
    "bytes": _bytes,
}


class ShowsEverything(logging.Formatter):
    """A formatter that looks where others do not."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        return f"{super().format(record)} {record.__dict__!r} {error!r} {error}"


class OverridesHandle(logging.StreamHandler):
    """A handler that does not ask its base class."""

    def handle(self, record: logging.LogRecord) -> bool:
        self.emit(record)
        return True


class OverridesEmit(logging.StreamHandler):
    """A handler that formats by itself."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream.write(f"{record.getMessage()} {record.__dict__!r}\n")


class OverridesHandleAndEmit(OverridesEmit):
    """A handler that takes nothing from its base class."""

    def handle(self, record: logging.LogRecord) -> bool:
        self.emit(record)
        return True


class OverridesFormat(logging.StreamHandler):
    """A handler that goes past its formatter."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.msg} {record.args} {record.exc_info} {record.__dict__!r}"


class Fails(logging.StreamHandler):
    """A handler whose error report repeats the record on the error stream."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            raise OSError(f"cannot write {record.__dict__!r}")
        except OSError:
            self.handleError(record)


class Pickles(logging.handlers.SocketHandler):
    """What goes over the network to another process, without a network."""

    def __init__(self, out: TextIO) -> None:
        super().__init__("127.0.0.1", None)
        self._out = out

    def send(self, s: bytes) -> None:
        self._out.write(s.decode("latin-1") + "\n")


class Posts(logging.handlers.HTTPHandler):
    """The fields that would be sent as a form."""

    def __init__(self, out: TextIO) -> None:
        super().__init__("127.0.0.1", "/")
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        self._out.write(f"{self.mapLogRecord(record)}\n")


def dressed(handler: logging.Handler) -> logging.Handler:
    """The handler with a formatter that looks everywhere."""
    handler.setFormatter(ShowsEverything(LAYOUT, defaults={"note": "-", "payload": "-"}))
    return handler


def root_of(log: logging.Logger) -> logging.Logger:
    """The root above it, which in a test may be one of its own."""
    return root_of(log.parent) if log.parent else log


def _on_the_logger(log: logging.Logger, out: TextIO) -> None:
    log.addHandler(dressed(logging.StreamHandler(out)))


def _on_the_parent(log: logging.Logger, out: TextIO) -> None:
    (log.parent or log).addHandler(dressed(logging.StreamHandler(out)))


def _on_the_root(log: logging.Logger, out: TextIO) -> None:
    root_of(log).addHandler(dressed(logging.StreamHandler(out)))


def _of_class(kind: Callable[[TextIO], logging.Handler]) -> Handlers:
    return lambda log, out: log.addHandler(dressed(kind(out)))


def _queue_handler(log: logging.Logger, out: TextIO) -> Callable[[], None]:
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(records, dressed(logging.StreamHandler(out)))
    log.addHandler(logging.handlers.QueueHandler(records))
    listener.start()
    return listener.stop


def _memory_handler(log: logging.Logger, out: TextIO) -> None:
    target = dressed(logging.StreamHandler(out))
    log.addHandler(logging.handlers.MemoryHandler(1, target=target))


def _last_resort(log: logging.Logger, _out: TextIO) -> None:
    assert not log.hasHandlers()


# Every one of them is added when the guard stands already.
HANDLERS: dict[str, Handlers] = {
    "handler of the logger": _on_the_logger,
    "handler of its parent": _on_the_parent,
    "handler of the root": _on_the_root,
    "last-resort handler": _last_resort,
    "QueueHandler": _queue_handler,
    "MemoryHandler": _memory_handler,
    "SocketHandler": _of_class(Pickles),
    "HTTPHandler": _of_class(Posts),
    "handler with its own handle": _of_class(OverridesHandle),
    "handler with its own emit": _of_class(OverridesEmit),
    "handler with its own handle and emit": _of_class(OverridesHandleAndEmit),
    "handler with its own format": _of_class(OverridesFormat),
    "handler that fails": _of_class(Fails),
}


def take_all(*names: str) -> None:
    """Logs the secret in every way by each of these loggers; for processes of their own."""
    for name in names:
        for way, log_it in WAYS.items():
            log = logging.getLogger(name)
            log.error("now: %s", way)
            log_it(log, TOKEN)
    sys.stderr.flush()
