"""What a request does to a session's values, and what must come of it."""

from __future__ import annotations

import copy
from typing import Any, Literal

Doing = Literal["set", "delete", "append", "nest", "nothing"]


def edit(values: dict[str, Any], doing: Doing, key: str, number: int) -> None:
    """Change values in place, as a view changes ``flask.session``."""
    if doing == "set":
        values[key] = number
    elif doing == "delete":
        values.pop(key, None)
    elif doing == "append":
        # Inside a list that is there already, if it is: nobody sets a flag for that.
        found = values.setdefault(key, [])
        if isinstance(found, list):
            found.append(number)
    elif doing == "nest":
        found = values.setdefault(key, {"in": {}})
        if isinstance(found, dict):
            found["in"][str(number)] = [number]


def merged(current: dict[str, Any], base: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a change from ``base`` to ``wanted`` makes of the values that are there by now."""
    kept = {key: value for key, value in current.items() if key in wanted or key not in base}
    changed = {key: value for key, value in wanted.items() if key not in base or base[key] != value}
    return copy.deepcopy(kept | changed)
