"""The session cookie's name and attributes, for any framework.

Set and deleted with the same attributes: a browser ignores the deletion of a ``__Host-``
cookie that lacks ``Secure`` (RFC 6265bis, section 4.1.3.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nightlatch.errors import SettingError

SameSite = Literal["Lax", "Strict"]

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class CookiePolicy:
    """How the token travels: HttpOnly, host-only, for the whole site, until the browser closes.

    :ivar name: the name on a plain connection; on a secure one ``__Host-`` goes before it, so
        that neither a subdomain nor a plain page can plant it.
    :ivar same_site: ``"Lax"`` or ``"Strict"``. ``None`` would let other sites send it.
    """

    name: str = "nightlatch"
    same_site: SameSite = "Lax"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise SettingError("cookie_name", repr(self.name), "ASCII letters, digits, - and _")
        if self.same_site not in ("Lax", "Strict"):
            raise SettingError("same_site", repr(self.same_site), "'Lax' or 'Strict'")

    def name_for(self, *, secure: bool) -> str:
        """The cookie's name on this kind of connection."""
        return f"__Host-{self.name}" if secure else self.name

    def set(self, value: str, *, secure: bool) -> str:
        """The ``Set-Cookie`` header that hands a token to the browser."""
        return f"{self.name_for(secure=secure)}={value}; {self._attributes(secure)}"

    def delete(self, *, secure: bool) -> str:
        """The ``Set-Cookie`` header that takes it away."""
        return (
            f"{self.name_for(secure=secure)}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
            + self._attributes(secure)
        )

    def _attributes(self, secure: bool) -> str:
        return f"{'Secure; ' if secure else ''}HttpOnly; Path=/; SameSite={self.same_site}"
