"""What the guard around all log handlers does to records, beside hiding secrets."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from bank.audit import redaction, scrub
from bank.audit.redaction import WITHHELD
from tests.bank.audit.ways import TOKEN


@pytest.fixture
def log() -> logging.Logger:
    """A logger two levels below a root of its own, which no test tool has joined."""
    loggers = logging.Manager(logging.RootLogger(logging.WARNING))
    return loggers.getLogger("bank_test.a.b")


def test_a_secret_in_the_source_that_a_stack_shows_is_hidden(
    guard: None, log: logging.Logger
) -> None:
    """stack_info repeats lines of source; so does a traceback."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error("where am I", stack_info=True)  # password="in-the-source"
    try:
        raise ValueError("why")  # password="in-the-source"
    except ValueError:
        log.exception("it failed")

    assert out.getvalue().count('password="***"') == 2
    assert "in-the-source" not in out.getvalue()


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


INJECTIONS = {
    "CR": ("\r", "\\r"),
    "LF": ("\n", "\\n"),
    "CR LF": ("\r\n", "\\r\\n"),
    "TAB": ("\t", "\\t"),
    "VT": ("\x0b", "\\x0b"),
    "NUL": ("\x00", "\\x00"),
    "ESC": ("\x1b[31m", "\\x1b[31m"),
    "DEL": ("\x7f", "\\x7f"),
    "CSI U+009B": ("\x9b", "\\u009b"),
    "NEL U+0085": ("\x85", "\\u0085"),
    "line separator U+2028": ("\u2028", "\\u2028"),
    "paragraph separator U+2029": ("\u2029", "\\u2029"),
    "bidi override U+202E": ("\u202e", "\\u202e"),
    "bidi isolate U+2066": ("\u2066", "\\u2066"),
    "half of a pair U+D800": ("\ud800", "\\ud800"),
}


@pytest.mark.parametrize(("sign", "shown"), INJECTIONS.values(), ids=INJECTIONS)
def test_a_user_name_cannot_forge_a_line(
    guard: None, log: logging.Logger, sign: str, shown: str
) -> None:
    """Line ends, terminal commands and direction marks are shown, not obeyed: one line."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))

    log.error("no user %s", f"bob{sign}2026-01-01 login ok")

    assert out.getvalue() == f"no user bob{shown}2026-01-01 login ok\n"
    assert len(out.getvalue().splitlines()) == 1


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


def methods() -> tuple[object, ...]:
    handler = logging.Handler
    return (logging.Logger.callHandlers, handler.handle, handler.format, handler.handleError)


def test_the_guard_stands_once_and_can_be_taken_away() -> None:
    """Two applications in one process share it; afterwards logging is as it was."""
    redaction.uninstall()
    before = methods()

    redaction.install()
    redaction.install()
    stood = redaction.is_installed()
    redaction.uninstall()
    redaction.uninstall()

    assert stood
    assert not redaction.is_installed()
    assert methods() == before


def test_a_secret_of_the_process_is_known_by_heart(guard: None, log: logging.Logger) -> None:
    """A key that looks like nothing is hidden in every spelling that a log may give it."""
    out = io.StringIO()
    log.addHandler(logging.StreamHandler(out))
    scrub.know("plain ’word’ & more", "abc")

    log.error(
        "%s | %r | %s | abc", *["plain ’word’ & more"] * 2, "plain+%E2%80%99word%E2%80%99+%26+more"
    )

    assert out.getvalue() == "*** | '***' | *** | abc\n"


class Fails(logging.Handler):
    """A handler whose disk is full."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            self.handleError(record)


def test_the_report_of_a_handler_that_fails_tells_what_failed(
    guard: None, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its error, and the message that it did not write, each line set in."""
    log.addHandler(Fails())

    log.error("transfer of %s", "O’Connor\n2026 ok")

    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "--- Logging error in Fails ---"
    assert rest[-2:] == [
        "  | OSError: [Errno 28] No space left on device",
        "  | Message: transfer of O’Connor\\n2026 ok",
    ]


@pytest.mark.parametrize("how", ["raiseExceptions off", "no stderr", "stderr closed"])
def test_the_report_of_a_handler_that_fails_fails_nobody(
    guard: None, log: logging.Logger, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """As logging itself: no report is better than a request that ends with one."""
    log.addHandler(Fails())
    closed = io.StringIO()
    if how == "raiseExceptions off":
        monkeypatch.setattr(logging, "raiseExceptions", False)
        monkeypatch.setattr(sys, "stderr", closed)
    elif how == "no stderr":
        monkeypatch.setattr(sys, "stderr", None)
    else:
        closed.close()
        monkeypatch.setattr(sys, "stderr", closed)

    log.error("it goes on")

    assert closed.closed or closed.getvalue() == ""


def test_a_report_that_cannot_be_searched_is_withheld(
    guard: None, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that fails when it is shown costs the text and not the report."""

    class Worse(Fails):
        def emit(self, record: logging.LogRecord) -> None:
            self.handleError(None)  # type: ignore[arg-type] - what a careless handler may do

    log.addHandler(Worse())

    log.error("the cookie was %s", TOKEN)

    assert capsys.readouterr().err == f"--- Logging error in Worse ---\n{WITHHELD}\n"
