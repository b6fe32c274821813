"""The pages for what goes wrong: the bank's look, what happened, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from nightlatch import SignOutUnconfirmed, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Problem:
    """What a page says about one status.

    :ivar known_user: whether the page may ask who is signed in. Not when the reason may be
        that this cannot be found out.
    """

    title: str
    text: str
    known_user: bool = True


PROBLEMS = {
    400: Problem(
        "We could not read that",
        "Your browser sent something that we do not understand. Nothing was changed. Go back, "
        "reload the page and try once more.",
    ),
    403: Problem(
        "That is not allowed",
        "This request did not come from one of our pages, or it is for somebody else. Nothing "
        "was changed. Start again from the first page.",
    ),
    404: Problem(
        "There is no such page",
        "The address may be mistyped, or the page may have moved. Nothing is wrong with your "
        "accounts.",
    ),
    405: Problem(
        "That cannot be done this way",
        "This address is meant for one of our forms. Nothing was changed. Start again from the "
        "first page.",
    ),
    413: Problem(
        "That is too much at once",
        "What your browser sent is larger than any of our forms. Nothing was changed. Go back "
        "and enter less.",
    ),
    500: Problem(
        "Something went wrong on our side",
        "It is not your doing, and we have been told. Before you repeat a payment, look at your "
        "statement: it may have been made.",
        known_user=False,
    ),
    503: Problem(
        "We will be back in a moment",
        "We cannot look up your session just now. You have not been signed out. Wait a few "
        "seconds, then reload this page.",
        known_user=False,
    ),
}


SIGN_OUT_UNCONFIRMED = Problem(
    "We could not confirm that you are signed out",
    "This browser has let go of your session, but we cannot reach the place where sessions are "
    "kept, so it may not have ended yet.",
    known_user=False,
)


def install(app: Flask) -> None:
    """Answers every error of this application with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, _store_unavailable)
    app.register_error_handler(SignOutUnconfirmed, _sign_out_unconfirmed)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    headers = [
        (name, value) for name, value in error.get_headers() if name.lower() != "content-type"
    ]
    return _page(status), status, headers


def _store_unavailable(error: StoreUnavailable) -> ResponseReturnValue:
    headers = {"Retry-After": str(error.retry_after_s), "Cache-Control": "no-store"}
    return _page(503), 503, headers


def _sign_out_unconfirmed(error: SignOutUnconfirmed) -> ResponseReturnValue:
    page = render_template(
        "problem.html", problem=SIGN_OUT_UNCONFIRMED, status=503, noted=error.noted
    )
    return page, 503, {"Retry-After": str(error.retry_after_s), "Cache-Control": "no-store"}


def _page(status: int) -> str:
    problem = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    return render_template("problem.html", problem=problem, status=status)
