// What holds a lock in Redis.
//
// 1. The owner key says who holds it, and under which token: "<token> <owner>". It ends with the lease.
// 2. A token is the server's time in tenths of a millisecond, or one more than the last one where that is greater: it grows
//    even when Redis has forgotten everything, and, while the fence key remembers the last one, when its clock goes back.
// 3. No key is without an expiry.
// 4. Pods of version 0.1.0 know two other keys, an owner and a counter without expiry. Those keys are looked at and written,
//    too, so that old and new pods exclude each other during an update. They can read a token of 14 digits, and no longer one.
//    To be removed in the version after the next.
import { redisScript } from './redis-script.ts';

/** KEYS: owner, fence, and both of older pods. ARGV: owner, lease in milliseconds. */
const PRELUDE = `
  local REMEMBERED_MS = 60000
  local owner, lease = ARGV[1], tonumber(ARGV[2] or 0)

  local function text(key)
    local value = redis.pcall('GET', key)
    return type(value) == 'string' and value or nil
  end

  local function holding()
    return string.match(text(KEYS[1]) or '', '^(%d+) (.*)$')
  end

  local function olderHolder() -- 4: a name with a lease; what else is there belongs to somebody else
    local value = text(KEYS[3])
    if not value or not string.match(value, '^%x+%-%x+%-%x+%-%x+%-%x+$') then return nil end
    return redis.call('PTTL', KEYS[3]) > 0 and value or nil
  end

  local function hold(token)
    redis.call('SET', KEYS[1], token .. ' ' .. owner, 'PX', lease)
    redis.call('SET', KEYS[2], token, 'PX', lease + REMEMBERED_MS)
    if olderHolder() or redis.call('EXISTS', KEYS[3]) == 0 then redis.call('SET', KEYS[3], owner, 'PX', lease) end
    if tonumber(text(KEYS[4])) or redis.call('EXISTS', KEYS[4]) == 0 then
      redis.call('SET', KEYS[4], token, 'PX', lease + REMEMBERED_MS)
    end
  end
`;

/** Answers the token, or the milliseconds that the holder's lease still lasts. */
export const ACQUIRE = redisScript(`${PRELUDE}
  local token, holder = holding()
  if holder and holder ~= owner then return {0, redis.call('PTTL', KEYS[1])} end
  local older = olderHolder()
  if older and older ~= owner then return {0, redis.call('PTTL', KEYS[3])} end
  if not holder then
    local time = redis.call('TIME')
    local last = math.max(tonumber(text(KEYS[2])) or 0, tonumber(text(KEYS[4])) or 0)
    token = string.format('%.0f', math.max(time[1] * 10000 + math.floor(time[2] / 100), last + 1))
  end
  hold(token)
  return {1, token}
`);

/** Answers the token, or nothing when the lock was lost. */
export const RENEW = redisScript(`${PRELUDE}
  local token, holder = holding()
  if holder ~= owner then return false end
  hold(token)
  return token
`);

/** The fence key stays for a while. (2) */
export const RELEASE = redisScript(`${PRELUDE}
  local _, holder = holding()
  if holder ~= owner then return 0 end
  if olderHolder() == owner then redis.call('DEL', KEYS[3]) end
  return redis.call('DEL', KEYS[1])
`);
