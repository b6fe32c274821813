"""The page on which each situation can be tried by hand."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from flask_wtf import FlaskForm

from bank.context import the_bank
from bank.playground.forms import TimingForm
from bank.playground.state import Playground, limits_of
from nightlatch import EndReason, Limits, Live, SettingError
from nightlatch.flask import current_session, passive

blueprint = Blueprint("playground", __name__, template_folder="templates")


def install(app: Flask, playground: Playground, started_with: Limits) -> None:
    """Adds the playground to a bank that demonstrates."""
    app.extensions["bank playground"] = playground
    app.register_blueprint(blueprint)

    def follow() -> None:
        # Every process takes over what was set in any of them.
        timing_s = playground.changes().timing_s
        the_bank().sessions.limits = limits_of(timing_s) if timing_s else started_with

    # Before the library's own, which credits activity by these limits.
    app.before_request_funcs.setdefault(None, []).insert(0, follow)


@blueprint.get("/playground")
@login_required
def page() -> ResponseReturnValue:
    """What can be changed, and what can go wrong."""
    form = TimingForm()
    form.show(the_bank().limits)
    return _page(form)


@blueprint.post("/playground/timing")
@login_required
def timing() -> ResponseReturnValue:
    """Other limits for the whole demonstration, or those that it was started with."""
    form = TimingForm()
    if "reset" in request.form:
        _playground().set_timing({})
        return redirect(url_for("playground.page"), 303)
    if not form.validate():
        return _page(form, status=422)
    try:
        _playground().set_timing(form.timing_s())
    except SettingError as error:
        return _page(form, str(error), status=422)
    return redirect(url_for("playground.page"), 303)


@blueprint.post("/playground/skip")
@passive
def skip() -> ResponseReturnValue:
    """Puts the bank's clock forward by ``seconds``, as if the visitor had been away for so long."""
    if not FlaskForm().validate():
        return {"error": "This page was open for too long. Load it again."}, 400
    try:
        _playground().skip(int(request.form.get("seconds", "")))
    except ValueError:
        return {"error": "seconds must be a whole number from 1 to 86400."}, 400
    return "", 204


@blueprint.post("/playground/end-elsewhere")
@passive
def end_elsewhere() -> ResponseReturnValue:
    """Ends this session as another device or an administrator would: the page is not told."""
    if not FlaskForm().validate():
        return {"error": "This page was open for too long. Load it again."}, 400
    sessions = the_bank().sessions
    found = sessions.peek(current_session().presented)
    response = current_app.response_class(status=204)
    if isinstance(found, Live):
        # After this answer, which would else tell the browser to forget its cookie.
        response.call_on_close(partial(sessions.end, found.record.sid, EndReason.REVOKED))
    return response


def _playground() -> Playground:
    playground: Playground = current_app.extensions["bank playground"]
    return playground


def _page(form: TimingForm, problem: str = "", *, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "playground/playground.html",
        form=form,
        problem=problem,
        limits=the_bank().limits,
        again="again" in request.args,
    )
    return page, status
