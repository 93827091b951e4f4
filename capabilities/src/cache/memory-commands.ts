// The commands of Redis that the memory driver knows, with Redis' own answers (https://redis.io/commands).
import { BottleError, Code } from '@bottle/protos';
import type { Reply } from './cache-port.ts';
import type { MemoryStore } from './memory-store.ts';

type Args = readonly Buffer[];
type Ranking = readonly [member: string, score: number][];
type Handler = (
  store: MemoryStore,
  key: string,
  args: Args,
  context: { now(): number; keys: readonly string[] },
) => Reply;

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** Handlers by upper-case name. `key` is the first key, `args` what follows the keys. */
export const COMMANDS: Readonly<Record<string, Handler>> = {
  PING: () => 'PONG',
  GET: (store, key) => store.find(key, 'string')?.value ?? null,
  SET: (store, key, [value = Buffer.alloc(0), ...options], { now }) => {
    const flags = options.map((option) => text(option).toUpperCase());
    const existing = store.peek(key);
    const old = flags.includes('GET') ? (store.find(key, 'string')?.value ?? null) : null;
    const blocked = (flags.includes('NX') && existing) || (flags.includes('XX') && !existing);
    if (blocked) return flags.includes('GET') ? old : null;
    const at = flags.findIndex((flag) => flag === 'PX' || flag === 'EX');
    const unit = flags[at] === 'EX' ? 1_000 : 1;
    const ttl = at < 0 ? Number.POSITIVE_INFINITY : integer(options[at + 1]) * unit;
    const expiresAt = flags.includes('KEEPTTL') ? (existing?.expiresAt ?? Number.POSITIVE_INFINITY) : now() + ttl;
    store.put(key, { kind: 'string', value: Buffer.from(value) }, expiresAt);
    return flags.includes('GET') ? old : 'OK';
  },
  DEL: (store, _key, _args, { keys }) => keys.filter((key) => store.delete(key)).length,
  EXISTS: (store, _key, _args, { keys }) => keys.filter((key) => store.peek(key)).length,
  PEXPIRE: (store, key, [ttl], { now }) => {
    const entry = store.peek(key);
    if (!entry) return 0;
    entry.expiresAt = now() + integer(ttl);
    if (entry.expiresAt <= now()) store.delete(key);
    return 1;
  },
  PERSIST: (store, key) => {
    const entry = store.peek(key);
    if (!entry || entry.expiresAt === Number.POSITIVE_INFINITY) return 0;
    entry.expiresAt = Number.POSITIVE_INFINITY;
    return 1;
  },
  PTTL: (store, key, _args, { now }) => {
    const entry = store.peek(key);
    if (!entry) return -2;
    return entry.expiresAt === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.round(entry.expiresAt - now()));
  },
  TYPE: (store, key) => {
    const kind = store.peek(key)?.kind ?? 'none';
    return kind === 'sorted' ? 'zset' : kind;
  },
  INCRBY: (store, key, [by]) => {
    const found = store.find(key, 'string');
    const sum = added(found?.value, by);
    if (found) found.value = Buffer.from(String(sum));
    else store.put(key, { kind: 'string', value: Buffer.from(String(sum)) });
    return sum;
  },
  APPEND: (store, key, [more = Buffer.alloc(0)]) => {
    const entry = store.obtain(key, { kind: 'string', value: Buffer.alloc(0) });
    entry.value = Buffer.concat([entry.value, more]);
    return entry.value.length;
  },
  STRLEN: (store, key) => store.find(key, 'string')?.value.length ?? 0,
  MGET: (store, _key, _args, { keys }) =>
    keys.map((key) => {
      const entry = store.peek(key);
      return entry?.kind === 'string' ? entry.value : null;
    }),
  MSET: (store, _key, args, { keys }) => {
    keys.forEach((key, at) => {
      store.put(key, { kind: 'string', value: Buffer.from(args[at] ?? Buffer.alloc(0)) });
    });
    return 'OK';
  },

  HGET: (store, key, [field]) => store.find(key, 'hash')?.fields.get(binary(field)) ?? null,
  HSET: (store, key, args) => {
    const { fields } = store.obtain(key, { kind: 'hash', fields: new Map() });
    const before = fields.size;
    for (let at = 0; at < args.length; at += 2) fields.set(binary(args[at]), Buffer.from(args[at + 1] ?? ''));
    return fields.size - before;
  },
  HDEL: (store, key, members) => {
    const { fields } = store.find(key, 'hash') ?? { fields: new Map<string, Buffer>() };
    const removed = members.filter((field) => fields.delete(binary(field))).length;
    store.dropIfEmpty(key);
    return removed;
  },
  HGETALL: (store, key) =>
    [...(store.find(key, 'hash')?.fields ?? [])].flatMap(([field, value]) => [Buffer.from(field, 'latin1'), value]),
  HMGET: (store, key, members) => {
    const fields = store.find(key, 'hash')?.fields;
    return members.map((field) => fields?.get(binary(field)) ?? null);
  },
  HINCRBY: (store, key, [field, by]) => {
    const { fields } = store.obtain(key, { kind: 'hash', fields: new Map() });
    const sum = added(fields.get(binary(field)), by);
    fields.set(binary(field), Buffer.from(String(sum)));
    return sum;
  },
  HLEN: (store, key) => store.find(key, 'hash')?.fields.size ?? 0,
  HEXISTS: (store, key, [field]) => (store.find(key, 'hash')?.fields.has(binary(field)) ? 1 : 0),

  LPUSH: (store, key, values) => {
    const { items } = store.obtain(key, { kind: 'list', items: [] });
    for (const value of values) items.unshift(Buffer.from(value));
    return items.length;
  },
  RPUSH: (store, key, values) => {
    const { items } = store.obtain(key, { kind: 'list', items: [] });
    for (const value of values) items.push(Buffer.from(value));
    return items.length;
  },
  LPOP: (store, key, [count]) => pop(store, key, (items) => items.splice(0, integer(count))),
  RPOP: (store, key, [count]) =>
    pop(store, key, (items) => items.splice(Math.max(0, items.length - integer(count))).toReversed()),
  LRANGE: (store, key, [start, stop]) => {
    const items = store.find(key, 'list')?.items ?? [];
    return items.slice(...bounds(items.length, integer(start), integer(stop)));
  },
  LLEN: (store, key) => store.find(key, 'list')?.items.length ?? 0,
  LTRIM: (store, key, [start, stop]) => {
    const entry = store.find(key, 'list');
    if (entry) entry.items = entry.items.slice(...bounds(entry.items.length, integer(start), integer(stop)));
    store.dropIfEmpty(key);
    return 'OK';
  },

  SADD: (store, key, added_) => {
    const { members } = store.obtain(key, { kind: 'set', members: new Set() });
    const before = members.size;
    for (const member of added_) members.add(binary(member));
    return members.size - before;
  },
  SREM: (store, key, removed) => {
    const members = store.find(key, 'set')?.members;
    const count = removed.filter((member) => members?.delete(binary(member))).length;
    store.dropIfEmpty(key);
    return count;
  },
  SISMEMBER: (store, key, [member]) => (store.find(key, 'set')?.members.has(binary(member)) ? 1 : 0),
  SMEMBERS: (store, key) => [...(store.find(key, 'set')?.members ?? [])].map((member) => Buffer.from(member, 'latin1')),
  SCARD: (store, key) => store.find(key, 'set')?.members.size ?? 0,

  ZADD: (store, key, args) => {
    const flag = text(args[0] ?? Buffer.alloc(0)).toUpperCase();
    const pairs = flag === 'NX' || flag === 'XX' ? args.slice(1) : args;
    const entry = store.obtain(key, { kind: 'sorted', scores: new Map() });
    const { scores } = entry;
    entry.ranking = undefined;
    let fresh = 0;
    for (let at = 0; at < pairs.length; at += 2) {
      const member = binary(pairs[at + 1]);
      const has = scores.has(member);
      if ((flag === 'NX' && has) || (flag === 'XX' && !has)) continue;
      if (!has) fresh += 1;
      scores.set(member, score(pairs[at]));
    }
    store.dropIfEmpty(key);
    return fresh;
  },
  ZREM: (store, key, removed) => {
    const entry = store.find(key, 'sorted');
    if (entry) entry.ranking = undefined;
    const scores = entry?.scores;
    const count = removed.filter((member) => scores?.delete(binary(member))).length;
    store.dropIfEmpty(key);
    return count;
  },
  ZSCORE: (store, key, [member]) => asScore(store.find(key, 'sorted')?.scores.get(binary(member))),
  ZINCRBY: (store, key, [by, member]) => {
    const entry = store.obtain(key, { kind: 'sorted', scores: new Map() });
    const { scores } = entry;
    entry.ranking = undefined;
    const sum = (scores.get(binary(member)) ?? 0) + score(by);
    scores.set(binary(member), sum);
    return asScore(sum);
  },
  ZRANGE: (store, key, [start, stop]) => rangeByPosition(sorted(store, key), integer(start), integer(stop)),
  ZREVRANGE: (store, key, [start, stop]) => {
    const members = sorted(store, key);
    const [from, to] = bounds(members.length, integer(start), integer(stop));
    return flat(members.slice(Math.max(0, members.length - to), Math.max(0, members.length - from)).toReversed());
  },
  ZRANGEBYSCORE: (store, key, args) => rangeByScore(sorted(store, key), score(args[0]), score(args[1]), args),
  ZREVRANGEBYSCORE: (store, key, args) =>
    rangeByScore(sorted(store, key).toReversed(), score(args[1]), score(args[0]), args),
  ZRANK: (store, key, [member]) => rank(sorted(store, key), member),
  ZREVRANK: (store, key, [member]) => rank(sorted(store, key).toReversed(), member),
  ZCARD: (store, key) => store.find(key, 'sorted')?.scores.size ?? 0,
};

function binary(bytes: Buffer | undefined): string {
  return bytes?.toString('latin1') ?? '';
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8');
}

function integer(bytes: Buffer | undefined): number {
  const number = bytes === undefined ? Number.NaN : Number(text(bytes));
  if (!Number.isInteger(number)) throw notAnInteger();
  return number;
}

function added(value: Buffer | undefined, by: Buffer | undefined): bigint {
  const sum = bigInteger(value ?? Buffer.from('0')) + bigInteger(by ?? Buffer.from('0'));
  if (sum > MAX_INT64 || sum < MIN_INT64) throw driverError('ERR', 'ERR increment or decrement would overflow');
  return sum;
}

function bigInteger(bytes: Buffer): bigint {
  if (!/^-?\d{1,20}$/.test(text(bytes))) throw notAnInteger();
  return BigInt(text(bytes));
}

function score(bytes: Buffer | undefined): number {
  const words = text(bytes ?? Buffer.alloc(0));
  if (/^[+-]?inf$/i.test(words)) return words.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = Number(words);
  if (words === '' || Number.isNaN(number)) throw driverError('ERR', 'ERR value is not a valid float');
  return number;
}

function asScore(value: number | undefined): Reply {
  if (value === undefined) return null;
  if (Number.isFinite(value)) return Buffer.from(String(value));
  return Buffer.from(value > 0 ? 'inf' : '-inf');
}

function pop(store: MemoryStore, key: string, take: (items: Buffer[]) => Buffer[]): Reply {
  const entry = store.find(key, 'list');
  if (!entry) return null;
  const taken = take(entry.items);
  store.dropIfEmpty(key);
  return taken;
}

/** Redis' inclusive range as the arguments of slice. */
function bounds(length: number, start: number, stop: number): [number, number] {
  const from = start < 0 ? Math.max(0, length + start) : start;
  const to = stop < 0 ? length + stop : stop;
  return [from, to + 1 < from ? from : to + 1];
}

/** Lowest score first; equal ones by their bytes. Sorted once after each change, not for each page. */
function sorted(store: MemoryStore, key: string): Ranking {
  const entry = store.find(key, 'sorted');
  if (!entry) return [];
  entry.ranking ??= [...entry.scores].sort(([a, scoreA], [b, scoreB]) => scoreA - scoreB || (a < b ? -1 : 1));
  return entry.ranking;
}

function rangeByPosition(members: Ranking, start: number, stop: number): Reply {
  return flat(members.slice(...bounds(members.length, start, stop)));
}

function rangeByScore(members: Ranking, min: number, max: number, args: Args): Reply {
  const at = args.findIndex((arg) => text(arg).toUpperCase() === 'LIMIT');
  const within = members.filter(([, of]) => of >= min && of <= max);
  if (at < 0) return flat(within);
  const [offset, limit] = [integer(args[at + 1]), integer(args[at + 2])];
  return flat(within.slice(offset, limit < 0 ? undefined : offset + limit));
}

function flat(members: Ranking): Reply {
  return members.flatMap(([member, of]) => [Buffer.from(member, 'latin1'), asScore(of)]);
}

function rank(members: Ranking, member: Buffer | undefined): Reply {
  const at = members.findIndex(([name]) => name === binary(member));
  return at < 0 ? null : at;
}

function notAnInteger(): BottleError {
  return driverError('ERR', 'ERR value is not an integer or out of range');
}

function driverError(driverCode: string, message: string): BottleError {
  return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details: { driverCode } });
}
