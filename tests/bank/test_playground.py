"""The playground of the demonstration: moved time, other timing, and an end from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from bank import BankConfig, bank_of, create_app
from bank.config import DEMO_TIMING
from bank.playground.state import Changes, PlayClock, Playground
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor


@pytest.fixture
def config(config: BankConfig) -> BankConfig:
    """A bank that demonstrates."""
    return replace(config, demo=True, timing=DEMO_TIMING)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """George, on the playground."""
    visitor = Visitor(app)
    visitor.sign_in()
    visitor.get("/playground")
    return visitor


@pytest.fixture
def twin(config: BankConfig, clock: FakeClock) -> Iterator[Flask]:
    """Another process of the same demonstration."""
    twin = create_app(config, clock=clock)
    yield twin
    bank_of(twin).close()


def test_only_the_demonstration_has_it(config: BankConfig, clock: FakeClock) -> None:
    """A bank that is used for real has no such page and no link to it."""
    app = create_app(replace(config, demo=False, timing={}), clock=clock)
    visitor = Visitor(app)
    visitor.sign_in()

    assert visitor.get("/playground").status_code == 404
    assert "playground" not in visitor.get("/").text
    bank_of(app).close()


def test_nobody_else_may_see_or_use_it(app: Flask) -> None:
    """A visitor is sent to sign in, and moves no clock."""
    stranger = Visitor(app)

    assert stranger.get("/playground").status_code == 302
    assert stranger.client.post("/playground/skip", data={"seconds": "5"}).status_code == 400
    assert stranger.client.post("/playground/end-elsewhere").status_code == 400


def test_moved_time_passes_for_the_sessions(visitor: Visitor, twin: Flask) -> None:
    """Also in the other processes; the clock on the wall and the stopwatch move together."""
    assert visitor.send("/playground/skip", seconds="15").status_code == 204

    other = Visitor(twin)
    other.client = visitor.client
    assert visitor.get("/").location == "/logged-out?reason=idle&next=%2F"
    assert bank_of(twin).now() == bank_of(visitor.client.application).now()


def test_a_clock_that_is_moved_is_no_clock_that_jumped(tmp_path: Path) -> None:
    """The library would hold idle expiry after a jump, and nothing would happen for a while."""
    playground = Playground(tmp_path)
    clock = PlayClock(FakeClock(), playground)
    now, elapsed = clock.now(), clock.elapsed()

    playground.skip(3600)

    assert (clock.now() - now, clock.elapsed() - elapsed) == (3_600_000, 3_600_000)


@pytest.mark.parametrize("seconds", ["", "0", "-5", "86401", "1.5", "soon", "9" * 5000])
def test_time_that_cannot_be_skipped(visitor: Visitor, seconds: str) -> None:
    """A clear answer, and the clock stays where it is."""
    before = bank_of(visitor.client.application).now()

    answer = visitor.send("/playground/skip", seconds=seconds)

    assert answer.status_code == 400
    assert "1 to 86400" in answer.text
    assert bank_of(visitor.client.application).now() == before


def test_other_timing_holds_from_the_next_request_on(visitor: Visitor, twin: Flask) -> None:
    """In every process, for sessions that are there already."""
    sent = visitor.send(
        "/playground/timing", idle="600", warn="120", absolute="3600", ping_every="9"
    )

    assert sent.location == "/playground"
    page = visitor.get("/playground").text
    assert "10 minutes" in page
    assert "2 minutes before the end" in page
    Visitor(twin).get("/login")
    assert bank_of(twin).limits.idle_ms == 600_000


def test_and_goes_back_to_what_it_was(visitor: Visitor) -> None:
    """One button takes all changes of timing back; skipped time stays skipped."""
    visitor.send("/playground/timing", idle="600", warn="120", absolute="3600", ping_every="9")
    visitor.get("/playground")

    visitor.send("/playground/timing", reset="1")

    assert "14 seconds" in visitor.get("/playground").text


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"idle": "soon"}, "Not a valid integer value."),
        ({"idle": ""}, "Enter a whole number of seconds."),
        ({"idle": "0"}, "1 second to 30 days"),
        ({"idle": "9999999999999999999"}, "1 second to 30 days"),
        ({"idle": "60", "absolute": "30"}, "absolute is"),
        ({"warn": "14"}, "warn is"),
    ],
)
def test_timing_that_cannot_work(visitor: Visitor, fields: dict[str, str], complaint: str) -> None:
    """The page says which value and what would work; nothing has changed."""
    given = {"idle": "14", "warn": "6", "absolute": "43200", "ping_every": "2"} | fields

    answer = visitor.send("/playground/timing", **given)

    assert answer.status_code == 422
    assert complaint in answer.text
    assert "14 seconds" in visitor.get("/playground").text


def test_an_end_from_elsewhere(visitor: Visitor) -> None:
    """The session is revoked, and its page hears of it when it asks."""
    answer = visitor.send("/playground/end-elsewhere")

    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers
    answer.close()
    assert visitor.get("/").location == "/logged-out?reason=revoked&next=%2F"


@pytest.mark.parametrize("path", ["/playground/skip", "/playground/end-elsewhere"])
def test_no_other_page_can_press_its_buttons(visitor: Visitor, path: str) -> None:
    """Without the token of this page nothing happens."""
    answer = visitor.client.post(path, data={"seconds": "15"})

    assert answer.status_code == 400
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("text", ["", "{", "[]", '{"skipped": 1}', "\\udc80"])
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, text: str) -> None:
    """The demonstration goes on with what it knows."""
    (tmp_path / "playground.json").write_text(text)

    assert Playground(tmp_path).changes() == Changes()


def test_a_page_may_offer_to_sign_in_without_leaving_it(visitor: Visitor) -> None:
    """The bank itself does not; this page shows it to whoever asks."""
    assert "data-sign-in-url" not in visitor.get("/playground").text
    assert 'data-sign-in-url="/login"' in visitor.get("/playground?again=1").text
