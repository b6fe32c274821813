"""The routes that keep a form's unsent fields, and the helper for the view that has used them."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import unquote

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from nightlatch.drafts import Drafts, Verdict
from nightlatch.errors import StoreUnavailable
from nightlatch.flask.activity import passive
from nightlatch.flask.installed import installed
from nightlatch.flask.routes import blueprint, json_body, refusal
from nightlatch.flask.session import current_session
from nightlatch.status import who
from nightlatch.stores.base import Live

_log = logging.getLogger("nightlatch")

# Browsers carry 64 KiB past the end of a page, and no more.
LONGEST_DRAFT = 60_000
LONGEST_PAGE = 500
MOST_FIELDS = 300
HIGHEST_SERIAL = 2**53

REFUSED = {
    Verdict.DROPPED: "This form's draft was used or dropped after the page had asked for it.",
    Verdict.ELSEWHERE: "This form is being filled in elsewhere too, and that draft is kept.",
    Verdict.LATE: "A later save of this form has arrived before.",
}

# What a request is about, or why it is refused.
Asked = tuple[Drafts, str, str] | Response


@blueprint.get("/draft")
@passive
def offer_draft() -> ResponseReturnValue:
    """The draft of the form that ``page`` names, and a sheet to go on with."""
    asked = _asked()
    if isinstance(asked, Response):
        return asked
    drafts, user, page = asked
    offer = drafts.offer(user, page)
    found = offer.draft
    return _answer(
        sheet=offer.sheet,
        draft=None
        if found is None
        else {
            "sheet": found.sheet,
            "age_ms": offer.age_ms,
            "fields": json.loads(found.fields.decode("utf-8", "surrogatepass")),
        },
    )


@blueprint.put("/draft")
@passive
def keep_draft() -> ResponseReturnValue:
    """Keep ``fields``, as far as no later save and no other tab is in the way."""
    asked = _asked()
    if isinstance(asked, Response):
        return asked
    body = json_body(LONGEST_DRAFT)
    if isinstance(body, Response):
        return body
    drafts, user, page = asked
    fields, sheet, serial = body.get("fields"), body.get("sheet"), body.get("serial")
    instead_of = body.get("instead_of")
    if not _are_fields(fields):
        return refusal(
            400,
            f"fields must be an object of at most {MOST_FIELDS} names, each with "
            '{"is": [texts], "was": [texts]}.',
        )
    if not isinstance(sheet, str) or not isinstance(instead_of, str | None):
        return refusal(400, "sheet, and instead_of where there is one, must be texts from GET.")
    if type(serial) is not int or not 0 < serial <= HIGHEST_SERIAL:
        return refusal(400, "serial must be a whole number from 1 that rises with every save.")
    # Half an emoji, which a field's maxlength may leave, is kept like everything else.
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    kept = drafts.keep(
        user,
        page,
        text.encode("utf-8", "surrogatepass"),
        sheet=sheet,
        serial=serial,
        instead_of=instead_of,
    )
    if kept is not Verdict.KEPT:
        return refusal(409, REFUSED[kept], why=kept.value)
    return _answer(kept=True)


@blueprint.delete("/draft")
@passive
def drop_draft() -> ResponseReturnValue:
    """Drop the draft of the form that ``page`` names."""
    asked = _asked()
    if isinstance(asked, Response):
        return asked
    drafts, user, page = asked
    return _answer(dropped=drafts.drop(user, page))


def discard_draft(form: str = "", *, path: str | None = None) -> bool:
    """Drop the current user's draft of a form; for the view that has used what was in it.

    ::

        @app.post("/transfer")
        def send():
            ...             # once it is done
            discard_draft()

    Pages that were opened before cannot bring it back. Never fails: a store of drafts that is out
    of reach must not undo what the form has done.

    :param form: the value of the form's ``data-nightlatch-draft``, or else its ``id``; absent:
        it has neither.
    :param path: of the page that the form is on, as Flask spells it, ``"/transfer"``. Absent: that
        of the current request, which is right when the form is sent to its own page.
    :returns: whether there was a draft. Nobody signed in, or drafts off: ``False``.
    """
    drafts, user = installed().manager.drafts, current_session().user
    if drafts is None or user is None:
        return False
    whole = f"{request.root_path}{request.path if path is None else path}"
    try:
        return drafts.drop(user, _page(whole, form))
    except StoreUnavailable as error:
        _log.warning("A draft that was used could not be dropped: %s", error)
        return False


def _asked() -> Asked:
    """Whose draft of which form it is about; else the refusal."""
    here = installed()
    drafts = here.manager.drafts
    if drafts is None:
        return refusal(404, "Drafts are off in this application: Nightlatch(app, drafts=True).")
    found = current_session().open()
    if not isinstance(found, Live) or found.record.user is None:
        return here.document(found, 401)
    if found.stale and request.method != "GET":
        # As everywhere, it only reads; the browser has the new one by now.
        return refusal(409, "This request came with the secret before the last.", why="stale")
    if request.args.get("who", who(found.record)) != who(found.record):
        # Somebody else has signed in in another tab: this page is not theirs.
        return refusal(409, "The page that asks belongs to another session.", why="other-session")
    path, _, form = request.args.get("page", "").partition("#")
    page = _page(unquote(path, errors="replace"), form)
    if not path.startswith("/") or len(page) > LONGEST_PAGE:
        return refusal(
            400,
            "page must be the path of the form's page, '#' and the form's name, "
            f"at most {LONGEST_PAGE} characters.",
        )
    return drafts, found.record.user, page


def _page(path: str, form: str) -> str:
    # One spelling for the browser, which quotes paths, and for Flask, which does not.
    return f"{path.replace('#', '%23')}#{form}"


def _are_fields(fields: Any) -> bool:
    return (
        isinstance(fields, dict)
        and len(fields) <= MOST_FIELDS
        and all(
            isinstance(field, dict)
            and field.keys() == {"is", "was"}
            and all(
                isinstance(texts, list) and all(isinstance(text, str) for text in texts)
                for texts in field.values()
            )
            for field in fields.values()
        )
    )


def _answer(**values: Any) -> Response:
    response = jsonify(values)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Cookie")
    return response
