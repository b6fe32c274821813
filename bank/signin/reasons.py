"""Why somebody finds themselves signed out, in words that are true."""

from __future__ import annotations

from dataclasses import dataclass

from bank.words import duration
from nightlatch import Limits


@dataclass(frozen=True, slots=True)
class Farewell:
    """What the page after the end says.

    :ivar title: its heading.
    :ivar because: one sentence, or nothing.
    :ivar advice: what to do if it was not expected, or nothing.
    """

    title: str
    because: str
    advice: str = ""


def farewell(reason: str, limits: Limits) -> Farewell:
    """The words for a reason; an unknown one claims nothing.

    :param reason: as the status document spells it; it comes from an address, so it may be
        any text.
    """
    match reason:
        case "idle":
            return Farewell(
                "You were signed out",
                "You were signed out because there was no activity for "
                f"{duration(limits.promise_ms)}.",
                "This keeps your accounts private when you step away.",
            )
        case "absolute":
            return Farewell(
                "You were signed out",
                "You were signed out because you had been signed in for "
                f"{duration(limits.absolute_ms)}, the longest we allow.",
                "Sign in again to carry on.",
            )
        case "revoked":
            return Farewell(
                "You were signed out",
                "This session was ended from somewhere else: on another of your devices, by a "
                "password change, or by the bank.",
                "If that was not you, sign in and change your password.",
            )
        case "replaced":
            return Farewell(
                "You were signed out",
                "You signed in again somewhere else, and that took the place of this session.",
                "If that was not you, sign in and change your password.",
            )
        case "replayed":
            return Farewell(
                "You were signed out",
                "We ended this session to protect you, because an old copy of it was used.",
                "If this happens again, call us.",
            )
        case "signed-out-unconfirmed":
            return Farewell(
                "We could not confirm that you are signed out",
                "This browser has let go of your session, but we could not reach the place where "
                "sessions are kept, so it may not have ended yet.",
                "It ends as soon as we can reach it, or else at its time limits.",
            )
        case "signed-out":
            return Farewell("You are signed out", "You have signed out safely.")
        case _:
            return Farewell("You are signed out", "You are not signed in to your accounts.")
