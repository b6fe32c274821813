"""A weak hash inside a hash of today, until its owner comes and types the password.

``$bank$v=1$wrapped$FORMAT$SETTING$`` and then a hash of today, made of the old digest. Whoever
steals it has to try passwords at today's cost. The old digest itself is nowhere any more; but if
it was stolen before, or elsewhere, it can be tried against this directly, which is why wrapped
hashes are counted apart and replaced at the next sign-in.
"""

from __future__ import annotations

import base64
import re

from bank.signin.passwords import old
from bank.signin.passwords.current import SCHEMES, Scheme
from bank.signin.passwords.formats import FORMATS
from bank.signin.passwords.old import CannotRead

_MARK = "$bank$v=1$wrapped$"
_LAYOUT = re.compile(r"\$bank\$v=1\$wrapped\$([a-z0-9-]+)\$([\w-]*)(\$.+)", re.ASCII)


def is_wrapped(stored: str) -> bool:
    """Whether it begins like a wrapped hash."""
    return stored.startswith(_MARK)


def format_of(stored: str) -> str:
    """The name of the format that is inside.

    :raises CannotRead: it is damaged.
    """
    return _parts(stored)[0]


def wrap(stored: str, scheme: Scheme) -> str:
    """Puts a hash of another system inside one of today.

    :raises CannotRead: it is no hash that is known here.
    """
    one, setting, digest = old.recognise(stored)
    kept = base64.urlsafe_b64encode(setting.encode()).decode().rstrip("=")
    return f"{_MARK}{one.name}${kept}{scheme.hash(digest.encode())}"


def verify(forms: tuple[bytes, ...], stored: str) -> tuple[bool, int]:
    """Whether it is of one of these spellings of a password.

    :returns: that, and how many hashes of today it has cost.
    :raises CannotRead: it is damaged, and nothing has been computed.
    """
    name, setting, outer = _parts(stored)
    maker = next((each for each in SCHEMES.values() if each.made(outer)), None)
    if maker is None:
        raise CannotRead
    for spent, form in enumerate(forms, start=1):
        digest = FORMATS[name].digest(form, setting)
        # Where the format does not allow the password, no digest is the empty one.
        if maker.verify((digest or "").encode(), outer):
            return True, spent
    return False, len(forms)


def _parts(stored: str) -> tuple[str, str, str]:
    found = _LAYOUT.fullmatch(stored)
    if found is None or found[1] not in FORMATS:
        raise CannotRead
    try:
        setting = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode()
    except ValueError as error:
        raise CannotRead from error
    return found[1], setting, found[3]
