import type { SharedRecord, SharedState } from '@bottle/capabilities';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { type RedisScript, redisScript, runScript } from './redis-script.ts';

const READ = redisScript(`return redis.call('HMGET', KEYS[1], 'revision', 'value')`);

/** The same write again, because its answer was lost, finds its own text and is answered the same. */
const WRITE = redisScript(`
  local record = redis.call('HMGET', KEYS[1], 'revision', 'value')
  local revision = tonumber(record[1] or '0')
  local expected = tonumber(ARGV[2])
  if revision == expected then
    return {1, redis.call('HINCRBY', KEYS[1], 'revision', 1), redis.call('HSET', KEYS[1], 'value', ARGV[1]), ARGV[1]}
  end
  if revision == expected + 1 and record[2] == ARGV[1] then return {1, revision, 0, ARGV[1]} end
  return {0, revision, 0, record[2]}
`);

/** Members with the server's time at which their leases end. */
const ENTER = redisScript(`
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
  return {time[1], time[2], redis.call('ZRANGE', KEYS[1], 0, -1)}
`);

const LEAVE = redisScript(`return redis.call('ZREM', KEYS[1], ARGV[1])`);

const APPEND = redisScript(`
  redis.call('LPUSH', KEYS[1], ARGV[1])
  return redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
`);

const ITEMS = redisScript(`return redis.call('LRANGE', KEYS[1], 0, -1)`);

/** Shared by every process that uses the same server and prefix. Each key is a slot of its own in a cluster. */
export function createRedisState(connection: RedisConnection, keyPrefix: string): SharedState {
  const run = (script: RedisScript, kind: string, name: string, ...args: (string | number)[]): Promise<unknown> =>
    runScript(connection, script, [`${keyPrefix}shared:${kind}:${name}`], args.map(String));

  return {
    async read(name) {
      const [revision, value] = (await run(READ, 'record', name)) as [string | null, string | null];
      return recordOf(revision, value);
    },
    async write(name, value, expected) {
      const answer = await run(WRITE, 'record', name, value, expected);
      const [written, revision, , current] = answer as [number, number, number, string | null];
      return { written: written === 1, record: recordOf(revision, current) };
    },
    async enter(group, member, leaseMs) {
      const answer = await run(ENTER, 'group', group, member, leaseMs);
      const [seconds, microseconds, members] = answer as [string, string, string[]];
      return { members: members.toSorted(), nowMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 };
    },
    async leave(group, member) {
      await run(LEAVE, 'group', group, member);
    },
    async append(list, item, max) {
      await run(APPEND, 'list', list, item, max);
    },
    items: async (list) => (await run(ITEMS, 'list', list)) as string[],
  };
}

function recordOf(revision: string | number | null, value: string | null): SharedRecord | undefined {
  return revision === null || value === null ? undefined : { revision: Number(revision), value };
}
