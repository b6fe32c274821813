"""Records of :mod:`nightlatch.stores.redis` as the bytes of one value, and keys.

One value per session, with all that has a fixed length first: a touch overwrites eight bytes in
the middle of it, and small sessions take little more memory than their data.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

from nightlatch.limits import Limits
from nightlatch.policy import absolute_at
from nightlatch.record import EndReason, Previous, Record
from nightlatch.stores.base import Change, Ended
from nightlatch.stores.redis_lua import KEEP_MS

# Read by every script too; one of another number is refused, not guessed at.
FORMAT = 1
# format, ended, seen, created, absolute_at, version, auth_at, previous until and whether it closes
# on use, level, previous level, hash, previous hash, lengths of user, device and address
HEAD = Struct(">BqqqqqqqBii32s32siii")
# No moment is before the epoch.
ABSENT = -1
NO_HASH = bytes(32)

BUCKETS = 256


def pack(record: Record) -> bytes:
    """A record as the value of its key."""
    user = None if record.user is None else record.user.encode()
    device, address = record.device.encode(), record.address.encode()
    before = record.previous or Previous(NO_HASH, ABSENT)
    head = HEAD.pack(
        FORMAT,
        ABSENT,
        record.seen,
        record.created,
        record.absolute_at,
        record.version,
        ABSENT if record.auth_at is None else record.auth_at,
        before.until,
        before.closes_on_use,
        record.auth_level,
        before.auth_level,
        record.secret_hash,
        before.secret_hash,
        ABSENT if user is None else len(user),
        len(device),
        len(address),
    )
    return b"".join((head, user or b"", device, address, record.data))


def unpack(sid: str, value: bytes) -> Record:
    """A value as the record that it was made of. A tombstone has its reason and no data."""
    (
        _,
        ended,
        seen,
        created,
        absolute,
        version,
        auth_at,
        until,
        closes,
        level,
        level_before,
        secret_hash,
        hash_before,
        user_length,
        device_length,
        address_length,
    ) = HEAD.unpack_from(value)
    user_end = HEAD.size + max(0, user_length)
    device_end = user_end + device_length
    address_end = device_end + address_length
    rest = value[address_end:]
    return Record(
        sid,
        secret_hash,
        None if user_length == ABSENT else value[HEAD.size : user_end].decode(),
        created,
        seen,
        absolute,
        None if auth_at == ABSENT else auth_at,
        level,
        version,
        rest if ended == ABSENT else b"",
        value[user_end:device_end].decode(),
        value[device_end:address_end].decode(),
        None if until == ABSENT else Previous(hash_before, until, bool(closes), level_before),
        None if ended == ABSENT else ended,
        EndReason(rest.decode()) if ended != ABSENT and rest else None,
    )


def gone(sid: str, value: bytes, *, fresh: bool = False) -> Ended:
    """What is told of a tombstone."""
    record = unpack(sid, value)
    assert record.ended is not None
    assert record.reason is not None
    return Ended(sid, record.user, record.reason, record.ended, fresh)


def is_sid(sid: str) -> bool:
    """Whether there can be a session of this name at all."""
    try:
        return len(sid) > 0 and bytes.fromhex(sid).hex() == sid
    except ValueError:
        return False


def optional(value: int | None) -> int | str:
    """A number as an argument of a script, which takes an empty text for absence."""
    return "" if value is None else value


def change_arguments(change: Change) -> tuple[bytes | int | str, ...]:
    """What a save changes, as arguments of its script."""
    rotate = change.rotate
    return (
        int(change.data is not None),
        change.data or b"",
        *(
            (0,)
            if rotate is None
            else (
                1,
                rotate.secret_hash,
                rotate.overlap_until,
                int(rotate.closes_on_use),
                optional(rotate.auth_at),
                optional(rotate.auth_level),
            )
        ),
    )


def keep_ms(record: Record, limits: Limits, now: int) -> int:
    """How long the server is to keep a session's key, whatever becomes of the session."""
    return max(0, absolute_at(record, limits) - now) + KEEP_MS


class Keys:
    """The names of keys. What stands in braces decides about the slot.

    :param prefix: what all of them begin with.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        #: Everyone's epoch.
        self.everyone = f"{prefix}:{{everyone}}"

    def bucket(self, number: int) -> str:
        """The sids that begin with these two digits, in order."""
        return f"{self._prefix}:{{{number:02x}}}"

    def bucket_of(self, sid: str) -> str:
        """The bucket of one session; what keys of its sessions begin with, but for a colon."""
        return f"{self._prefix}:{{{sid[:2]}}}"

    def session(self, sid: str) -> str:
        """One session: in the slot of its bucket."""
        return f"{self._prefix}:{{{sid[:2]}}}:{sid}"

    def user(self, user: str) -> str:
        """One user's epoch and sids. Their name is no part of it: it may hold a brace."""
        return f"{self._prefix}:{{u-{sha256(user.encode()).hexdigest()[:32]}}}"
