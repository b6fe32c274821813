"""Transfers that wait for their sender to prove who they are.

A form cannot be sent again by following a link, so what was typed is kept in the session, under
the form's own one-time key, until it is sent. It ends with the session, it is nobody else's, and
because the key stays the form's, a form that has been sent already sends nothing more.
"""

from __future__ import annotations

from bank.transfers.forms import TransferForm
from nightlatch.flask import current_session

KEY = "kept_transfers"
# One for each tab that somebody may have open; the ones before are let go.
MOST = 4

Fields = dict[str, str]


def keep(form: TransferForm) -> str:
    """Keeps what was typed; done when this returns.

    :returns: the key to ask for it with, see :func:`kept`.
    """
    fields = {name: form[name].data or "" for name in form.KEPT}
    key = fields["form_key"]

    def add(current: dict[str, Fields] | None) -> dict[str, Fields]:
        others = [(name, each) for name, each in (current or {}).items() if name != key]
        return dict([*others[-(MOST - 1) :], (key, fields)])

    # Of two tabs that do this at once, neither loses the other's.
    current_session().update_key(KEY, add)
    return key


def kept(key: str) -> Fields | None:
    """The fields that were kept under a key; None when there are none, or no more."""
    found: dict[str, Fields] = current_session().get(KEY, {})
    return found.get(key)


def let_go(key: str) -> None:
    """Forgets what was kept under a key; it has been sent."""
    if kept(key) is not None:
        current_session().update_key(
            KEY, lambda current: {k: v for k, v in (current or {}).items() if k != key}
        )
