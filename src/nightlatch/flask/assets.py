"""The browser half's files, under an address that changes when they do."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import url_for

import nightlatch

FOLDER = Path(nightlatch.__file__).parent / "static" / "nightlatch"
# Said here, because what the system would guess depends on the machine.
TYPES = {".js": "text/javascript", ".css": "text/css"}
YEAR_S = 365 * 24 * 3600


@cache
def names() -> frozenset[str]:
    """The files that may be fetched."""
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


@cache
def version() -> str:
    """A tag of everything in the folder: modules import each other, so they change together."""
    whole = hashlib.sha256()
    for name in sorted(names()):
        whole.update(name.encode() + b"\0" + (FOLDER / name).read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def url(name: str) -> str:
    """The address of one file, for as long as it stays the same."""
    return url_for("nightlatch.asset", version=version(), name=name)
