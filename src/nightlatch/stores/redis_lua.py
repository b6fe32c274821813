"""The scripts of :mod:`nightlatch.stores.redis`: each verb that races is one of them.

A script runs on the server with nothing beside it, so what it reads cannot change before it
writes. Every key of one script is in one slot: those of a session share its first two digits,
those of a user are one key. The rule of :mod:`nightlatch.policy` stands in ``over``, once.
"""

from __future__ import annotations

from hashlib import sha1
from typing import NamedTuple

from nightlatch.stores.base import KEEP_ENDED_MS

# Only a safety net for what nobody sweeps: a tombstone is told for at least so long.
KEEP_MS = 2 * KEEP_ENDED_MS

# The offsets are those of `redis_rows.HEAD`.
_COMMON = f"""
local HEAD = '>Bi8i8i8i8i8i8i8Bi4i4c32c32i4i4i4'

local function parse(v)
  local s = {{}}
  s.format, s.ended, s.seen, s.created, s.absolute_at, s.version, s.auth_at,
    s.until_, s.closes, s.level, s.before_level, s.hash, s.before,
    s.user, s.device, s.address, s.rest = struct.unpack(HEAD, v)
  if s.format ~= 1 then error('a record of format ' .. s.format .. ', and this is 1') end
  return s
end

-- All 32 bytes are looked at, wherever the first difference is.
local function same(a, b)
  if #b ~= 32 then return false end
  local difference = 0
  for at = 1, 32, 4 do
    difference = bit.bor(difference, bit.bxor(struct.unpack('>I4', a, at),
                                              (struct.unpack('>I4', b, at))))
  end
  return difference == 0
end

local function user_of(v, s)
  return string.sub(v, s.rest, s.rest + math.max(s.user, 0) - 1)
end

local function without_data(v, s)
  return string.sub(v, 1, s.rest + math.max(s.user, 0) + s.device + s.address - 1)
end

local function over(s, now, idle, absolute, hold)
  if now >= math.min(s.absolute_at, s.created + absolute) then return 'absolute' end
  if hold ~= '1' and now >= s.seen + idle then return 'idle' end
  return nil
end

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
end

local function bury(key, v, s, now, reason)
  local tombstone = string.sub(v, 1, 1) .. struct.pack('>i8', now) .. string.sub(v, 10, 134)
    .. struct.pack('>i4i4', 0, 0) .. user_of(v, s) .. reason
  redis.call('SET', key, tombstone, 'KEEPTTL')
  keep(key, {KEEP_MS})
  return tombstone
end
"""


class Script(NamedTuple):
    """A script and the name that the server knows it by once it has run.

    :ivar keys: how many of its arguments are keys.
    """

    text: str
    sha: str
    keys: int


def script(keys: int, *parts: str) -> Script:
    """A script of these parts, one after the other."""
    whole = "".join(parts)
    # The server's own name for it; nothing rests on its strength.
    return Script(whole, sha1(whole.encode(), usedforsecurity=False).hexdigest(), keys)


def _script(keys: int, text: str) -> Script:
    return script(keys, _COMMON, text)


# session; secret's hash: takes back what nobody was told of
TAKE_BACK = _script(
    1,
    """
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
local s = parse(v)
if s.ended ~= -1 or not same(s.hash, ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1])
""",
)

# session; hash, now, idle, absolute, hold, touched at or empty, least move that is written
OPEN = _script(
    1,
    """
local v = redis.call('GET', KEYS[1])
if not v then return false end
local s = parse(v)
local current = same(s.hash, ARGV[1])
local before = s.until_ ~= -1 and same(s.before, ARGV[1])
if not current and not before then return false end
if s.ended ~= -1 then return {'ended', v} end

local now = tonumber(ARGV[2])
local reason = over(s, now, tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
if not reason and not current then
  if now < s.until_ then return {'stale', v} end
  reason = 'replayed'
end
if reason then return {'fresh', bury(KEYS[1], v, s, now, reason)} end

local answer = 'live'
local after = v
-- A server that may not write (full, or a disk that fails) still lets the request go on.
if ARGV[6] ~= '' and tonumber(ARGV[6]) - s.seen >= tonumber(ARGV[7]) then
  local seen = struct.pack('>i8', tonumber(ARGV[6]))
  local wrote = redis.pcall('SETRANGE', KEYS[1], 9, seen)
  if type(wrote) == 'table' then
    -- It has become a replica: what it says may be old.
    if string.find(wrote.err, 'READONLY', 1, true) then return wrote end
    return {'live', v}
  end
  after = string.sub(after, 1, 9) .. seen .. string.sub(after, 18)
  answer = 'touched'
end
if s.until_ ~= -1 and s.closes == 1 then
  local shut = struct.pack('>i8B', 0, 0)
  local wrote = redis.pcall('SETRANGE', KEYS[1], 49, shut)
  if type(wrote) ~= 'table' then
    after = string.sub(after, 1, 49) .. shut .. string.sub(after, 59)
  end
end
return {answer, after}
""",
)

# session; version, now, idle, absolute, hold, data follows, data,
# rotation follows, new hash, overlap until, closes on use, authenticated at, level (or empty)
SAVE = _script(
    1,
    """
local v = redis.call('GET', KEYS[1])
if not v then return false end
local s = parse(v)
if s.ended ~= -1 then return {'ended', v} end
local now = tonumber(ARGV[2])
local reason = over(s, now, tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
if reason then return {'fresh', bury(KEYS[1], v, s, now, reason)} end
if s.version ~= tonumber(ARGV[1]) then return {'conflict', v} end

local names = without_data(v, s)
local data = ARGV[6] == '1' and ARGV[7] or string.sub(v, #names + 1)
if ARGV[8] == '1' then
  s.before, s.hash = s.hash, ARGV[9]
  s.before_level, s.until_, s.closes = s.level, tonumber(ARGV[10]), tonumber(ARGV[11])
  if ARGV[12] ~= '' then
    s.auth_at = tonumber(ARGV[12])
    s.seen = math.max(s.seen, s.auth_at)
  end
  if ARGV[13] ~= '' then s.level = tonumber(ARGV[13]) end
end
local head = struct.pack(HEAD, s.format, s.ended, s.seen, s.created, s.absolute_at,
  s.version + 1, s.auth_at, s.until_, s.closes, s.level, s.before_level, s.hash, s.before,
  s.user, s.device, s.address)
redis.call('SET', KEYS[1], head .. string.sub(names, s.rest) .. data, 'KEEPTTL')
return {'saved'}
""",
)

# session; reason, now, seen by or empty, only this user's, the user
END = _script(
    1,
    """
local v = redis.call('GET', KEYS[1])
if not v then return false end
local s = parse(v)
if s.ended ~= -1 then return {'ended'} end
if ARGV[4] == '1' and (s.user == -1 or user_of(v, s) ~= ARGV[5]) then return {'ended'} end
if ARGV[3] ~= '' and s.seen > tonumber(ARGV[3]) then return {'kept'} end
return {'fresh', bury(KEYS[1], v, s, tonumber(ARGV[2]), ARGV[1])}
""",
)

# session: everything but its data
PEEK = _script(
    1,
    """
local v = redis.call('GET', KEYS[1])
if not v then return false end
return without_data(v, parse(v))
""",
)

# The next sessions of a bucket, in order of their sids. Each of the three begins with it.
_EACH = """
local found = {}
local last = ''
local sids = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
for _, sid in ipairs(sids) do
  last = sid
  local key = ARGV[1] .. sid
  local v = redis.call('GET', key)
  if not v then
    -- Its time as a tombstone was over, or it was never let in.
    redis.call('ZREM', KEYS[1], sid)
  else
    local s = parse(v)
"""
_END_EACH = """
  end
end
return {last, found}
"""

# bucket; what keys begin with, from, how many
LIST = _script(
    1,
    f"""{_EACH}
    if s.ended == -1 then found[#found + 1] = {{sid, without_data(v, s)}} end{_END_EACH}""",
)

# the same; reason, now
END_ALL = _script(
    1,
    f"""{_EACH}
    if s.ended == -1 then
      found[#found + 1] = {{sid, bury(key, v, s, tonumber(ARGV[5]), ARGV[4])}}
    end{_END_EACH}""",
)

# the same; now, idle, absolute, hold, how long tombstones are kept
SWEEP = _script(
    1,
    f"""{_EACH}
    local now = tonumber(ARGV[4])
    if s.ended == -1 then
      local reason = over(s, now, tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7])
      if reason then
        found[#found + 1] = {{sid, bury(key, v, s, now, reason), 'ended'}}
      elseif s.user ~= -1 then
        found[#found + 1] = {{sid, without_data(v, s), 'live'}}
      end
    elseif s.ended + tonumber(ARGV[8]) <= now then
      redis.call('DEL', key)
      redis.call('ZREM', KEYS[1], sid)
      found[#found + 1] = {{sid, v, 'purged'}}
    end{_END_EACH}""",
)

# user; began, expected version or empty, ms to keep, sid, then those that leave for it
ADMIT = _script(
    1,
    """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(ARGV[1]) <= tonumber(epoch) then return 'revoked' end
if ARGV[2] ~= '' then
  if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[2] then return 'changed' end
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], ARGV[4], '')
for at = 5, #ARGV do redis.call('HSET', KEYS[1], ARGV[at], 'leaving') end
keep(KEYS[1], tonumber(ARGV[3]))
return 'admitted'
""",
)

# user; ms to keep, then sids: those that are not listed are listed again
RELIST = _script(
    1,
    """
for at = 2, #ARGV do redis.call('HSETNX', KEYS[1], ARGV[at], '') end
keep(KEYS[1], tonumber(ARGV[1]))
return 1
""",
)

# user; now, ms to keep: the new epoch, and every session that there may be
RAISE = _script(
    1,
    """
local before = redis.call('HGET', KEYS[1], 'epoch')
local epoch = tonumber(ARGV[1])
if before then epoch = math.max(epoch, tonumber(before) + 1) end
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', epoch))
keep(KEYS[1], tonumber(ARGV[2]))
return {string.format('%.0f', epoch), redis.call('HKEYS', KEYS[1])}
""",
)

# everyone's epoch; now
RAISE_ALL = _script(
    1,
    """
local before = redis.call('GET', KEYS[1])
local epoch = tonumber(ARGV[1])
if before then epoch = math.max(epoch, tonumber(before) + 1) end
redis.call('SET', KEYS[1], string.format('%.0f', epoch))
return string.format('%.0f', epoch)
""",
)
