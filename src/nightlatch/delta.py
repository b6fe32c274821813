"""What one request changed in a session's values, so that parallel requests can both win."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delta:
    """The keys that a request has set and those that it has deleted. False when there are none.

    :ivar changed: new and changed keys, with their values now.
    :ivar deleted: keys that are gone.
    """

    changed: dict[str, object]
    deleted: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.changed or self.deleted)


def between(
    before: Mapping[str, object],
    after: Mapping[str, object],
    pack: Callable[[object, str], bytes],
) -> Delta:
    """What has to be done to ``before`` to make it ``after``.

    :param before: the values as they were read: a copy that nobody has changed since.
    :param pack: :meth:`nightlatch.codec.Codec.pack`. Values are compared as bytes, so that a
        change inside a list is noticed, and ``1`` is not ``True``.
    :raises NotStorable: as ``pack`` does.
    """
    return Delta(
        {
            key: value
            for key, value in after.items()
            if key not in before or pack(before[key], key) != pack(value, key)
        },
        frozenset(before.keys() - after.keys()),
    )


def apply(delta: Delta, current: Mapping[str, object]) -> dict[str, object]:
    """The current values with a delta on top: other keys stay, the same key is the later one's."""
    kept = {key: value for key, value in current.items() if key not in delta.deleted}
    return kept | delta.changed
