"""Events: handed on in order, and no listener can fail a request."""

import logging

from nightlatch import SessionRefused, SessionStarted
from nightlatch.events import Events

STARTED = SessionStarted("ab" * 16, "george", 1)
REFUSED = SessionRefused(None, None, 2, "malformed")


def test_every_listener_hears_every_event_in_order():
    """In the order in which they joined, event by event."""
    events, heard = Events(), []
    events.listen(lambda event: heard.append(("first", event)))
    events.listen(lambda event: heard.append(("second", event)))

    events.emit(STARTED)
    events.emit(REFUSED)

    assert heard == [
        ("first", STARTED),
        ("second", STARTED),
        ("first", REFUSED),
        ("second", REFUSED),
    ]


def test_listening_works_as_a_decorator():
    """The function stays what it was."""
    events, heard = Events(), []

    @events.listen
    def listener(event):
        heard.append(event)

    events.emit(STARTED)
    listener(REFUSED)

    assert heard == [STARTED, REFUSED]


def test_a_listener_that_fails_is_logged_and_fails_nobody(caplog):
    """The next listener still hears, and the log says on which kind of event."""
    events, heard = Events(), []

    @events.listen
    def broken(event):
        raise RuntimeError("the trail's disk is full")

    events.listen(heard.append)

    with caplog.at_level(logging.ERROR, "nightlatch"):
        events.emit(STARTED)

    assert heard == [STARTED]
    (record,) = caplog.records
    assert record.getMessage() == "A listener failed on SessionStarted"
    assert record.exc_info is not None


def test_nobody_listening_is_no_error():
    """An application that keeps no trail joins nothing."""
    Events().emit(STARTED)
