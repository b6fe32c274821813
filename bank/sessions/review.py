"""One page for everything that ends sessions: it says what will happen, and asks.

Looking at it needs the recent proof already. So the password is asked for on the way to a page,
which can be asked for again, and never on the way out of a form, which could not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from bank.context import the_bank
from bank.sessions.rows import Row

TOO_LONG = "This page was open for too long, so nothing was done. Press the button once more."


@dataclass(frozen=True, slots=True)
class Review:
    """What is about to happen.

    :ivar title: the question.
    :ivar text: what comes of it.
    :ivar button: what pressing it does.
    :ivar back: where to go instead.
    :ivar rows: the sessions that it is about; the page shows the first 20. None: everyone's.
    """

    title: str
    text: str
    button: str
    back: str
    rows: list[Row] = field(default_factory=list)


class PressForm(FlaskForm):
    """A button; its token says that it was pressed on our page."""


def unanswered(review: Review) -> ResponseReturnValue | None:
    """The page that asks; None when it has just been answered with yes."""
    form = PressForm()
    problem, status = "", 200
    if request.method == "POST":
        if form.validate():
            return None
        problem, status = TOO_LONG, 400
    page = render_template(
        "sessions/review.html", review=review, form=form, problem=problem, now=the_bank().now()
    )
    return page, status
