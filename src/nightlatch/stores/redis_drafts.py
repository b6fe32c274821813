"""Drafts in Redis or Valkey, beside the sessions of :mod:`nightlatch.stores.redis`.

What one user has is one hash: a field per draft and one per mark, in the slot of a bucket that
tells a sweep whose turn it is. When everybody's drafts are dropped the mark is raised first and
looked at again by every save, after it is done.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct
from typing import Any

from nightlatch.drafts import KEEP_MS, MOST, SWEEP, Draft, Found, Verdict
from nightlatch.stores import redis_lua as lua
from nightlatch.stores.redis_link import ClusterLink, Link, Question
from nightlatch.stores.redis_rows import BUCKETS

# opened, serial, at, length of the sheet
HEAD = Struct(">qqqi")
DRAFT, MARK = "d", "m"
# What is left of a user whom nobody sweeps goes by itself.
GONE_MS = 2 * KEEP_MS

_COMMON = f"""
local KEEP, MOST = {KEEP_MS}, {MOST}

local function parse(v)
  local opened, serial, at, length, rest = struct.unpack('>i8i8i8i4', v)
  return opened, serial, at, string.sub(v, rest, rest + length - 1)
end

local function draft(key, page, now)
  local v = redis.call('HGET', key, 'd' .. page)
  if not v then return nil end
  local opened, serial, at, sheet = parse(v)
  if at + KEEP <= now then return nil end
  return {{serial = serial, sheet = sheet}}
end

local function mark(key, page)
  return tonumber(redis.call('HGET', key, 'm' .. page) or '0')
end

-- The moment of every draft, or of every mark.
local function moments(key, kind)
  local found = {{}}
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 1) == kind then
      local at = tonumber(flat[i + 1])
      if kind == 'd' then at = select(3, parse(flat[i + 1])) end
      found[#found + 1] = {{flat[i], at}}
    end
  end
  table.sort(found, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return found
end

-- The oldest make room for this one.
local function trim(key, kind, page)
  local found = moments(key, kind)
  local others = {{}}
  for _, one in ipairs(found) do
    if one[1] ~= kind .. page and one[1] ~= 'm' then others[#others + 1] = one[1] end
  end
  for i = 1, #others + 1 - MOST do redis.call('HDEL', key, others[i]) end
end

local function enter(key, bucket, at)
  redis.call('ZADD', bucket, 'LT', at, string.match(key, '[^:]*$'))
  if redis.call('PTTL', key) < {GONE_MS} then redis.call('PEXPIRE', key, {GONE_MS}) end
end

local function drop_drafts(key, now, opened_by)
  local gone = 0
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 1) == 'd' then
      local opened, _, at = parse(flat[i + 1])
      if opened <= opened_by then
        redis.call('HDEL', key, flat[i])
        if at + KEEP > now then gone = gone + 1 end
      end
    end
  end
  return gone
end
"""


# The rule of `nightlatch.drafts.verdict`.
# user, bucket; page, sheet, opened, serial, at, instead of or empty, everybody's mark, value
PUT = lua.script(
    2,
    _COMMON,
    """
local opened, serial, now = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local dropped = math.max(mark(KEYS[1], ARGV[1]), mark(KEYS[1], ''), tonumber(ARGV[7]))
if opened <= dropped then return 'dropped' end
local before = draft(KEYS[1], ARGV[1], now)
if before and (ARGV[6] == '' or before.sheet ~= ARGV[6]) then
  if before.sheet ~= ARGV[2] then return 'elsewhere' end
  if serial <= before.serial then return 'late' end
end
redis.call('HSET', KEYS[1], 'd' .. ARGV[1], ARGV[8])
trim(KEYS[1], 'd', ARGV[1])
enter(KEYS[1], KEYS[2], now)
return 'kept'
""",
)

# user; field, value: only if nobody has replaced it
UNDO = lua.script(
    1,
    "",
    """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
""",
)

# user, bucket; page, now
DROP = lua.script(
    2,
    _COMMON,
    """
local now = tonumber(ARGV[2])
local gone = draft(KEYS[1], ARGV[1], now) and 1 or 0
redis.call('HDEL', KEYS[1], 'd' .. ARGV[1])
local at = math.max(now, mark(KEYS[1], ARGV[1]) + 1)
redis.call('HSET', KEYS[1], 'm' .. ARGV[1], string.format('%.0f', at))
trim(KEYS[1], 'm', ARGV[1])
enter(KEYS[1], KEYS[2], now)
return gone
""",
)

# user, bucket; now
DROP_ALL = lua.script(
    2,
    _COMMON,
    """
local now = tonumber(ARGV[1])
local gone = drop_drafts(KEYS[1], now, math.huge)
redis.call('HSET', KEYS[1], 'm', string.format('%.0f', math.max(now, mark(KEYS[1], '') + 1)))
enter(KEYS[1], KEYS[2], now)
return gone
""",
)

# bucket; what keys begin with, now, everybody's mark
DROP_EVERY = lua.script(
    1,
    _COMMON,
    """
local gone = 0
for _, user in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  gone = gone + drop_drafts(ARGV[1] .. user, tonumber(ARGV[2]), tonumber(ARGV[3]))
end
return gone
""",
)

# bucket; what keys begin with, now, how many: how many drafts and marks were removed
SWEEP_BUCKET = lua.script(
    1,
    _COMMON,
    """
local now = tonumber(ARGV[2])
local gone = {d = 0, m = 0}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - KEEP)) do
  local key = ARGV[1] .. user
  local least = math.huge
  for _, kind in ipairs({'d', 'm'}) do
    for _, one in ipairs(moments(key, kind)) do
      if one[2] + KEEP <= now and gone[kind] < tonumber(ARGV[3]) then
        redis.call('HDEL', key, one[1])
        gone[kind] = gone[kind] + 1
      else
        least = math.min(least, one[2])
      end
    end
  end
  if least == math.huge then
    redis.call('ZREM', KEYS[1], user)
  else
    redis.call('ZADD', KEYS[1], least, user)
  end
end
return {gone.d, gone.m}
""",
)


class RedisDrafts:
    """Drafts in the server of the sessions, over the same connections.

    :param prefix: what every key begins with.
    """

    def __init__(self, link: Link | ClusterLink, prefix: str) -> None:
        self._link = link
        self._prefix = prefix
        self._everyone = f"{prefix}:{{everyone}}:drafts"

    def put(self, user: str, draft: Draft, *, instead_of: str | None = None) -> Verdict:
        """Keep a draft, if the rule allows it."""
        doing = "keep a draft"
        key, bucket = self._keys(user)
        sheet = draft.sheet.encode()
        value = HEAD.pack(draft.opened, draft.serial, draft.at, len(sheet)) + sheet + draft.fields
        words = (draft.page, sheet, draft.opened, draft.serial, draft.at, instead_of or "")
        mark = self._mark_of_all(doing)
        answer = self._ask(doing, Question(key, PUT, (bucket, *words, mark, value)))
        verdict = Verdict(answer.decode())
        # Whoever has dropped everybody's meanwhile may have been here before this draft was.
        if verdict is Verdict.KEPT and draft.opened <= self._mark_of_all(doing):
            self._ask(doing, Question(key, UNDO, (DRAFT + draft.page, value)))
            return Verdict.DROPPED
        return verdict

    def get(self, user: str, page: str, *, now: int) -> Found:
        """The draft of one form, and when one was dropped there last."""
        key, _ = self._keys(user)
        fields = Question(key, "HMGET", (DRAFT + page, MARK + page, MARK))
        (value, *marks), everyones = self._link.ask(
            "get a draft", [fields, Question(self._everyone, "GET")]
        )
        of_all = int(everyones or 0)
        draft = None if value is None else _draft(page, value)
        if draft is not None and (draft.at + KEEP_MS <= now or draft.opened <= of_all):
            draft = None
        return Found(draft, max(of_all, *(int(mark or 0) for mark in marks)))

    def drop(self, user: str, page: str, *, now: int) -> bool:
        """Drop a draft and leave a mark."""
        key, bucket = self._keys(user)
        return bool(self._ask("drop a draft", Question(key, DROP, (bucket, page, now))))

    def drop_all(self, user: str | None, *, now: int) -> int:
        """Drop all drafts of a user or of everybody, and leave a mark."""
        doing = "drop drafts"
        if user is not None:
            key, bucket = self._keys(user)
            return int(self._ask(doing, Question(key, DROP_ALL, (bucket, now))))
        mark = int(self._ask(doing, Question(self._everyone, lua.RAISE_ALL, (now,))))
        every = [Question(one, DROP_EVERY, (f"{one}:", now, mark)) for one in self._buckets()]
        return sum(self._link.ask(doing, every))

    def sweep(self, *, now: int, count: int = SWEEP) -> int:
        """Remove what is past its time."""
        doing = "sweep drafts"
        old = now - KEEP_MS
        buckets = self._buckets()
        due = [Question(one, "ZCOUNT", ("-inf", old)) for one in buckets]
        drafts = marks = 0
        for bucket, users in zip(buckets, self._link.ask(doing, due), strict=True):
            left = count - max(drafts, marks)
            if users and left > 0:
                words = (f"{bucket}:", now, left)
                gone = self._ask(doing, Question(bucket, SWEEP_BUCKET, words))
                drafts, marks = drafts + gone[0], marks + gone[1]
        return drafts

    def close(self) -> None:
        """Release every connection, the sessions' too; whoever asks again has new ones."""
        self._link.close()

    # Inside

    def _ask(self, doing: str, question: Question) -> Any:
        return self._link.ask(doing, [question])[0]

    def _mark_of_all(self, doing: str) -> int:
        return int(self._ask(doing, Question(self._everyone, "GET")) or 0)

    def _keys(self, user: str) -> tuple[str, str]:
        name = sha256(user.encode()).hexdigest()[:32]
        bucket = f"{self._prefix}:{{d-{name[:2]}}}"
        return f"{bucket}:{name}", bucket

    def _buckets(self) -> list[str]:
        return [f"{self._prefix}:{{d-{number:02x}}}" for number in range(BUCKETS)]


def _draft(page: str, value: bytes) -> Draft:
    opened, serial, at, length = HEAD.unpack_from(value)
    end = HEAD.size + length
    return Draft(page, value[HEAD.size : end].decode(), opened, serial, at, value[end:])
