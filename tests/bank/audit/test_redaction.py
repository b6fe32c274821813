"""The matrix: every way in which a secret gets into a log, against every kind of handler."""

from __future__ import annotations

import io
import json
import logging
import logging.handlers
import queue
from collections.abc import Callable

import pytest

from bank.audit import redaction, scrub
from bank.audit.redaction import WITHHELD

TOKEN = "v1." + "5e" * 16 + "." + "S3cret_-" * 5 + "abc"
LAYOUT = "%(levelname)s %(name)s %(message)s | %(note)s | %(payload)s"


def in_the_message(log: logging.Logger) -> None:
    log.error(f"the cookie was {TOKEN}")


def in_the_arguments(log: logging.Logger) -> None:
    log.error("the cookie was %s", TOKEN)


def in_a_dict_of_arguments(log: logging.Logger) -> None:
    log.error("the cookie was %(value)s", {"value": TOKEN})


def in_extra(log: logging.Logger) -> None:
    log.error("see the fields", extra={"note": TOKEN, "payload": {"deep": [TOKEN, (TOKEN,)]}})


def in_the_text_of_an_exception(log: logging.Logger) -> None:
    try:
        raise ValueError(f"cannot parse {TOKEN}")
    except ValueError:
        log.exception("it failed")


def in_the_cause_of_an_exception(log: logging.Logger) -> None:
    try:
        try:
            raise KeyError(TOKEN)
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        log.exception("it failed")


def in_a_format_that_does_not_fit(log: logging.Logger) -> None:
    log.error("%d", TOKEN)


def in_an_object(log: logging.Logger) -> None:
    class Shows:
        def __str__(self) -> str:
            return TOKEN

        __repr__ = __str__

    log.error("%s and %r", Shows(), Shows(), extra={"payload": Shows()})


def in_a_stack(log: logging.Logger) -> None:
    # The line of source that a stack shows is this one: password="in-the-source"
    log.error("where am I", stack_info=True)


WAYS = [
    in_the_message,
    in_the_arguments,
    in_a_dict_of_arguments,
    in_extra,
    in_the_text_of_an_exception,
    in_the_cause_of_an_exception,
    in_a_format_that_does_not_fit,
    in_an_object,
    in_a_stack,
]


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


def a_formatter() -> logging.Formatter:
    return ShowsEverything(LAYOUT, defaults={"note": "-", "payload": "-"})


def on_the_logger(log: logging.Logger, out: io.StringIO) -> None:
    log.addHandler(logging.StreamHandler(out))


def on_the_root(log: logging.Logger, out: io.StringIO) -> None:
    root_of(log).addHandler(logging.StreamHandler(out))


def of_another_class(log: logging.Logger, out: io.StringIO) -> None:
    log.addHandler(OverridesHandle(out))
    log.addHandler(OverridesEmit(out))


def behind_a_queue(log: logging.Logger, out: io.StringIO) -> None:
    target = logging.StreamHandler(out)
    target.setFormatter(a_formatter())

    class AtOnce(logging.handlers.QueueHandler):
        def enqueue(self, record: logging.LogRecord) -> None:
            target.handle(record)

    log.addHandler(AtOnce(queue.SimpleQueue()))


def that_gathers(log: logging.Logger, out: io.StringIO) -> None:
    target = logging.StreamHandler(out)
    target.setFormatter(a_formatter())
    log.addHandler(logging.handlers.MemoryHandler(1, target=target))


HANDLERS = [on_the_logger, on_the_root, of_another_class, behind_a_queue, that_gathers]


@pytest.fixture
def log() -> logging.Logger:
    """A logger two levels below a root of its own, which no test tool has joined."""
    loggers = logging.Manager(logging.RootLogger(logging.WARNING))
    return loggers.getLogger("bank_test.a.b")


def root_of(log: logging.Logger) -> logging.Logger:
    return log.manager.root


def dress(log: logging.Logger) -> None:
    for logger in (log, root_of(log)):
        for handler in logger.handlers:
            if handler.formatter is None and not isinstance(handler, logging.handlers.QueueHandler):
                handler.setFormatter(a_formatter())


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("way", WAYS, ids=lambda function: function.__name__)
def test_a_secret_reaches_no_handler(
    guard: None,
    log: logging.Logger,
    capsys: pytest.CaptureFixture[str],
    way: Callable[[logging.Logger], None],
    handler: Callable[[logging.Logger, io.StringIO], None],
) -> None:
    """Whatever way it takes, no handler that is added after the guard sees it, nor stderr."""
    out = io.StringIO()
    handler(log, out)
    dress(log)

    way(log)

    shown = out.getvalue() + "".join(capsys.readouterr())
    assert "ERROR" in shown or "where" in shown or "***" in shown or "fit" in shown
    assert "S3cret" not in shown
    assert "in-the-source" not in shown


@pytest.mark.parametrize("way", WAYS, ids=lambda function: function.__name__)
def test_the_last_resort_shows_none_either(
    guard: None,
    log: logging.Logger,
    capsys: pytest.CaptureFixture[str],
    way: Callable[[logging.Logger], None],
) -> None:
    """With no handler anywhere, what logging itself writes to stderr is clean."""
    way(log)

    shown = capsys.readouterr().err
    assert shown
    assert "S3cret" not in shown
    assert "in-the-source" not in shown


@pytest.mark.parametrize("way", WAYS[:8], ids=lambda function: function.__name__)
def test_the_same_ways_leak_without_the_guard(
    log: logging.Logger,
    capsys: pytest.CaptureFixture[str],
    way: Callable[[logging.Logger], None],
) -> None:
    """The matrix is a test: each of its ways shows the secret when nothing holds it back."""
    redaction.uninstall()
    out = io.StringIO()
    on_the_logger(log, out)
    dress(log)

    way(log)

    assert "S3cret" in out.getvalue() + capsys.readouterr().err


def test_what_a_handlers_own_filter_adds_is_searched_too(guard: None, log: logging.Logger) -> None:
    """A filter runs after the record was cleaned; the finished line is searched once more."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(message)s %(who)s"))

    def add(record: logging.LogRecord) -> bool:
        record.who = TOKEN
        return True

    handler.addFilter(add)
    log.addHandler(handler)

    log.error("hello")

    assert out.getvalue() == "hello ***\n"


def test_handlers_do_not_see_what_another_one_changed(guard: None, log: logging.Logger) -> None:
    """Two handlers whose filter puts something before the message each show it once."""
    outs = [io.StringIO(), io.StringIO()]

    def prefix(record: logging.LogRecord) -> bool:
        record.msg = f"MY FILTER: {record.msg}"
        return True

    for out in outs:
        handler = logging.StreamHandler(out)
        handler.addFilter(prefix)
        log.addHandler(handler)

    log.error("once")

    assert [out.getvalue() for out in outs] == ["MY FILTER: once\n"] * 2


def test_the_callers_record_is_left_alone(guard: None, log: logging.Logger) -> None:
    """Cleaning works on a copy."""
    log.addHandler(logging.StreamHandler(io.StringIO()))
    record = log.makeRecord("n", logging.ERROR, "f", 1, "the cookie %s", (TOKEN,), None)

    log.handle(record)

    assert record.args == (TOKEN,)


def test_a_message_that_is_no_text_is_no_error(guard: None, log: logging.Logger) -> None:
    """An exception object logged as the message is written, and raises nothing in the caller."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error(ValueError("password=hunter2"))

    assert out.getvalue() == "password=***\n"


def test_a_format_that_does_not_fit_tells_what_kinds_it_was_given(
    guard: None, log: logging.Logger
) -> None:
    """Whoever wrote the call can find it, and the values are not shown."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error("%d of %d", TOKEN, 3)
    log.error("%(a)d", {"a": TOKEN})

    assert out.getvalue().splitlines() == [
        "%d of %d [not formatted: its arguments do not fit; they were: str, int]",
        "%(a)d [not formatted: its arguments do not fit; they were: dict]",
    ]


def test_a_record_that_cannot_be_searched_is_told_of_without_its_text(
    guard: None, log: logging.Logger
) -> None:
    """An object that fails when it is shown costs the text and not the event."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    class Fails:
        def __str__(self) -> str:
            raise RuntimeError(TOKEN)

    log.error(f"first {TOKEN}", extra={"thing": Fails()})
    log.error("%s", Fails())

    assert out.getvalue().splitlines() == [
        WITHHELD,
        "%s [not formatted: its arguments do not fit; they were: Fails]",
    ]


def test_fields_keep_their_kind_and_lose_what_their_name_gives_away(
    guard: None, log: logging.Logger
) -> None:
    """Numbers stay numbers for a JSON formatter; a field called password is not looked at."""
    seen: list[logging.LogRecord] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    log.addHandler(Keeps())
    deep: object = "x"
    for _ in range(9):
        deep = [deep]

    log.error(
        "m",
        extra={"password": 7, "n": 3, "yes": True, "none": None, "deep": deep,
               "d": {"token": "x", 1: "a\nb"}},
    )  # fmt: skip

    fields = seen[0].__dict__
    assert fields["password"] == "***"
    assert (fields["n"], fields["yes"], fields["none"]) == (3, True, None)
    assert fields["d"] == {"token": "***", 1: "a\\nb"}
    assert json.dumps(fields["deep"]) == '[[[[[["' + "[[['x']]]" + '"]]]]]]'


def test_a_user_name_cannot_forge_a_line(guard: None, log: logging.Logger) -> None:
    """Line ends, terminal commands and direction marks are shown, not obeyed: one line."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error("no user %s", "bob\r\n2026-01-01 login ok\x1b[31m\u202egnp\u2028")

    assert out.getvalue() == ("no user bob\\r\\n2026-01-01 login ok\\x1b[31m\\u202egnp\\u2028\n")


def test_an_exceptions_text_cannot_forge_a_line(guard: None, log: logging.Logger) -> None:
    """Every line of a traceback is set in, whatever the exception says."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    try:
        raise ValueError("x\n2026-01-01 login ok\x1b[2J")
    except ValueError:
        log.exception("failed")

    first, *rest = out.getvalue().splitlines()
    assert first == "failed"
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in out.getvalue()


def test_a_name_reads_right_on_a_stream_that_knows_only_ascii(
    guard: None, log: logging.Logger
) -> None:
    """O’Connor is written as an escape and not lost; a stream with UTF-8 has the sign itself."""
    raw = io.BytesIO()
    for encoding in ("ascii", "utf-8"):
        log.addHandler(logging.StreamHandler(io.TextIOWrapper(raw, encoding, "strict", "\n")))

    log.error("%s was here", "O’Connor")

    assert raw.getvalue() == b"O\\u2019Connor was here\n" + "O’Connor was here\n".encode()


def test_a_record_made_elsewhere_is_cleaned_as_well(guard: None) -> None:
    """A record that reaches a handler past every logger, with an exception as text, is clean."""
    out = io.StringIO()
    record = logging.makeLogRecord({"msg": "m", "exc_text": f"boom {TOKEN}", "levelno": 40})

    logging.StreamHandler(out).handle(record)

    assert out.getvalue() == "m\n  | boom ***\n"


def test_an_exception_that_is_none_is_no_exception(guard: None, log: logging.Logger) -> None:
    """exc_info outside of a handler of exceptions logs the message alone."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error("m", exc_info=True)

    assert out.getvalue() in ("m\n", "m\nNoneType: None\n")


def test_the_guard_stands_once_and_can_be_taken_away() -> None:
    """Two applications in one process share it; afterwards logging is as it was."""
    redaction.uninstall()
    before = (logging.Logger.callHandlers, logging.Handler.handle, logging.Handler.format)

    redaction.install()
    redaction.install()
    stood = redaction.is_installed()
    redaction.uninstall()
    redaction.uninstall()

    assert stood
    assert not redaction.is_installed()
    assert (logging.Logger.callHandlers, logging.Handler.handle, logging.Handler.format) == before


def test_a_secret_of_the_process_is_known_by_heart(guard: None, log: logging.Logger) -> None:
    """A key that looks like nothing is hidden in every spelling that a log may give it."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))
    scrub.know("plain ’word’ & more", "abc")

    log.error(
        "%s | %r | %s | abc", *["plain ’word’ & more"] * 2, "plain+%E2%80%99word%E2%80%99+%26+more"
    )

    assert out.getvalue() == "*** | '***' | *** | abc\n"
