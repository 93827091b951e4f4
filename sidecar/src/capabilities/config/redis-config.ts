// Configuration in Redis: a hash of current records, a list of former ones for each key, and a channel that tells of
// changes.
//  1. A change is one script: record, history and message, or nothing.
//  2. Redis forgets messages while nobody listens: after every connection, and now and then in any case, all that is
//     watched is read again.
//  3. A record that was read does not undo one that was told of while it was being read.
import {
  type ConfigDriver,
  type ConfigRecord,
  MAX_CONFIG_KEYS,
  MAX_REVISIONS,
  noRecord,
  revisionConflict,
  tooManyKeys,
} from '@bottle/capabilities';
import type { RedisConfigConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { connectRedis } from '../redis/redis-connection.ts';
import { parseRecord, RedisWatches } from './redis-watches.ts';

/** Answers {1, record}, {0, current revision}, or {-1} when there are too many keys. */
const SET = `
local current = redis.call('HGET', KEYS[1], ARGV[1])
local revision = 0
if current then revision = tonumber(string.match(current, '^%d+')) end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= revision then return {0, tostring(revision)} end
if not current and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then return {-1, ''} end
local record = string.format('%d', revision + 1) .. ' ' .. ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], record)
redis.call('LPUSH', KEYS[2], record)
redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1)
redis.call('PUBLISH', ARGV[6], record)
return {1, record}
`;

/** Configuration that all pods share; a change is pushed to each of them. */
export async function createRedisConfig(
  settings: RedisConfigConfig,
  context: NamedDriverContext,
): Promise<ConfigDriver> {
  const { id, log } = context;
  const connection = connectRedis({ settings, id, log });
  // One hash tag: a script's keys have to be in the same slot of a cluster.
  const base = `${settings.keyPrefix}{${id}}`;
  const names = {
    values: `${base}:values`,
    changes: `${base}:changes`,
    history: (key: string) => `${base}:history:${key}`,
  };
  const read = async (keys: readonly string[]): Promise<ConfigRecord[]> => {
    const found = await connection.run((client) => client.hmget(names.values, ...keys));
    return keys.map((key, at) => parseRecord(found[at] ?? null) ?? noRecord(key));
  };
  const watches = new RedisWatches({ id, channel: names.changes, connect: connection.duplicate, read, log });

  return {
    get problem() {
      return connection.problem;
    },
    async ping() {
      await connection.run((client) => client.ping());
    },
    async get(key) {
      return parseRecord(await connection.run((client) => client.hget(names.values, key))) ?? noRecord(key);
    },
    async set({ key, valueJson, expectedRevision, changedBy }) {
      const rest = JSON.stringify({ key, valueJson, changedAtMs: Date.now(), changedBy });
      const keys = [names.values, names.history(key)];
      const expected = expectedRevision === undefined ? '' : String(expectedRevision);
      const reply = await connection.run((client) =>
        client.eval(SET, 2, ...keys, key, expected, rest, MAX_REVISIONS, MAX_CONFIG_KEYS, names.changes),
      );
      const [outcome, text] = reply as [number, string];
      if (outcome === -1) throw tooManyKeys();
      if (outcome === 0) throw revisionConflict(key, expectedRevision ?? 0, Number(text));
      return parseRecord(text) ?? noRecord(key);
    },
    async history(key) {
      const records = await connection.run((client) => client.lrange(names.history(key), 0, MAX_REVISIONS - 1));
      return records.flatMap((text) => parseRecord(text) ?? []);
    },
    async list(prefix) {
      const records = await connection.run((client) => client.hvals(names.values));
      return records
        .flatMap((text) => parseRecord(text) ?? [])
        .filter(({ key, valueJson }) => valueJson !== undefined && key.startsWith(prefix))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    watch: (key, onRecord) => watches.add(key, onRecord),
    async close() {
      watches.close();
      await connection.close();
    },
  };
}
