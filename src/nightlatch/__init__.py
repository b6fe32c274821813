"""Bank-style session timeouts: warned, extendable, ended for good.

The core knows no web framework and needs the standard library only. For Flask there is
:mod:`nightlatch.flask`; stores are chosen by URL or imported from :mod:`nightlatch.stores`.
"""

from nightlatch.breaker import Breaker
from nightlatch.clock import Clock, SystemClock
from nightlatch.drafts import Draft, Drafts
from nightlatch.errors import (
    DataError,
    NightlatchError,
    NotStorable,
    ReauthenticationRequired,
    SaveConflict,
    SettingError,
    SignInRefused,
    SignOutUnconfirmed,
    StoreUnavailable,
    TooLarge,
    Undecodable,
)
from nightlatch.events import (
    ClockJumped,
    Event,
    SessionEnded,
    SessionExtended,
    SessionRefused,
    SessionRotated,
    SessionStarted,
)
from nightlatch.journal import Journal
from nightlatch.limits import PROFILES, Limits, Profile
from nightlatch.manager import Manager, Started
from nightlatch.record import EndReason, Info, Record
from nightlatch.stores.base import Cap, Ended, Live

__version__ = "0.1.0"

__all__ = [
    "PROFILES",
    "Breaker",
    "Cap",
    "Clock",
    "ClockJumped",
    "DataError",
    "Draft",
    "Drafts",
    "EndReason",
    "Ended",
    "Event",
    "Info",
    "Journal",
    "Limits",
    "Live",
    "Manager",
    "NightlatchError",
    "NotStorable",
    "Profile",
    "ReauthenticationRequired",
    "Record",
    "SaveConflict",
    "SessionEnded",
    "SessionExtended",
    "SessionRefused",
    "SessionRotated",
    "SessionStarted",
    "SettingError",
    "SignInRefused",
    "SignOutUnconfirmed",
    "Started",
    "StoreUnavailable",
    "SystemClock",
    "TooLarge",
    "Undecodable",
]
