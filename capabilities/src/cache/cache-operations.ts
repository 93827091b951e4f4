// Typed operations → commands of the store → typed results. One line each; the names are those of cache.proto.
import { BottleError, type CacheOperation__Output, type CacheResult, Code } from '@bottle/protos';
import type { Command, Reply } from './cache-port.ts';

type OperationName = NonNullable<CacheOperation__Output['operation']>;
type Message<Name extends OperationName> = NonNullable<CacheOperation__Output[Name]>;

/** What a second time is: the same; harmless, but with another answer ("0 removed"); or another change. */
export type Again = 'same' | 'harmless' | 'other';

interface Operation<Name extends OperationName> {
  access: 'read' | 'write';
  again: Again | ((message: Message<Name>) => Again);
  command(message: Message<Name>): Command;
  answer(reply: Reply, message: Message<Name>): CacheResult;
}

const command = (name: string, key: string, ...args: (string | Buffer)[]): Command => ({ name, keys: [key], args });

function read<Name extends OperationName>(
  toCommand: (message: Message<Name>) => Command,
  answer: (reply: Reply, message: Message<Name>) => CacheResult,
): Operation<Name> {
  return { access: 'read', again: 'same', command: toCommand, answer };
}

function write<Name extends OperationName>(
  again: Operation<Name>['again'],
  toCommand: (message: Message<Name>) => Command,
  answer: (reply: Reply, message: Message<Name>) => CacheResult,
): Operation<Name> {
  return { access: 'write', again, command: toCommand, answer };
}

const value = (reply: Reply): CacheResult => (reply === null ? {} : { value: toBuffer(reply) });
const count = (reply: Reply): CacheResult => (reply === null ? {} : { count: String(reply) });
const applied = (reply: Reply): CacheResult => ({ applied: reply !== null && reply !== 0 && reply !== false });
const score = (reply: Reply): CacheResult => (reply === null ? {} : { score: toScore(reply) });
const values = (reply: Reply): CacheResult => ({
  values: {
    values: asArray(reply).map((item) =>
      item === null ? { present: false } : { present: true, value: toBuffer(item) },
    ),
  },
});

const CONDITIONS = {
  CACHE_CONDITION_ALWAYS: [],
  CACHE_CONDITION_IF_ABSENT: ['NX'],
  CACHE_CONDITION_IF_PRESENT: ['XX'],
};

/** The operations that are one command each. */
export const OPERATIONS: { readonly [Name in Exclude<OperationName, 'scan' | 'script' | 'publish'>]: Operation<Name> } =
  {
    get: read(({ key }) => command('GET', key), value),
    set: write(
      ({ condition, returnOld }) =>
        condition === 'CACHE_CONDITION_ALWAYS' ? (returnOld ? 'harmless' : 'same') : 'other',
      ({ key, value: bytes, ttlMs, keepTtl, condition, returnOld }) => {
        const expiry = keepTtl ? ['KEEPTTL'] : ttlMs === '0' ? [] : ['PX', ttlMs];
        return command('SET', key, bytes, ...CONDITIONS[condition], ...(returnOld ? ['GET'] : []), ...expiry);
      },
      (reply, { returnOld, condition }) => {
        if (!returnOld) return applied(reply);
        const wasApplied = condition === 'CACHE_CONDITION_IF_ABSENT' ? reply === null : reply !== null;
        const old = reply === null ? {} : { oldValue: toBuffer(reply) };
        return { applied: condition === 'CACHE_CONDITION_ALWAYS' || wasApplied, ...old };
      },
    ),
    delete: write('harmless', ({ keys }) => ({ name: 'DEL', keys, args: [] }), count),
    exists: read(({ keys }) => ({ name: 'EXISTS', keys, args: [] }), count),
    expire: write('same', ({ key, ttlMs }) => command('PEXPIRE', key, ttlMs), applied),
    persist: write('harmless', ({ key }) => command('PERSIST', key), applied),
    timeToLive: read(({ key }) => command('PTTL', key), count),
    increment: write('other', ({ key, by }) => command('INCRBY', key, by), count),
    getMany: read(({ keys }) => ({ name: 'MGET', keys, args: [] }), values),
    setMany: write(
      'same',
      ({ keys, values: all }) => ({ name: 'MSET', keys, args: all }),
      () => ({ applied: true }),
    ),

    hashGet: read(({ key, field }) => command('HGET', key, field), value),
    hashSet: write(
      'harmless',
      ({ key, fields, values: all }) => command('HSET', key, ...fields.flatMap((field, at) => [field, all[at] ?? ''])),
      count,
    ),
    hashDelete: write('harmless', ({ key, members }) => command('HDEL', key, ...members), count),
    hashEntries: read(({ key }) => command('HGETALL', key), values),
    hashGetMany: read(({ key, members }) => command('HMGET', key, ...members), values),
    hashIncrement: write('other', ({ key, field, by }) => command('HINCRBY', key, field, by), count),
    hashLength: read(({ key }) => command('HLEN', key), count),
    hashHas: read(({ key, field }) => command('HEXISTS', key, field), applied),

    listPush: write('other', ({ key, values: all, left }) => command(left ? 'LPUSH' : 'RPUSH', key, ...all), count),
    listPop: write(
      'other',
      ({ key, count: most, left }) => command(left ? 'LPOP' : 'RPOP', key, String(Math.max(1, most))),
      values,
    ),
    listRange: read(({ key, start, stop }) => command('LRANGE', key, start, stop), values),
    listLength: read(({ key }) => command('LLEN', key), count),
    listTrim: write(trimAgain, ({ key, start, stop }) => command('LTRIM', key, start, stop), applied),

    setAdd: write('harmless', ({ key, members }) => command('SADD', key, ...members), count),
    setRemove: write('harmless', ({ key, members }) => command('SREM', key, ...members), count),
    setHas: read(({ key, field }) => command('SISMEMBER', key, field), applied),
    setMembers: read(({ key }) => command('SMEMBERS', key), values),
    setSize: read(({ key }) => command('SCARD', key), count),

    sortedAdd: write(
      'harmless',
      ({ key, members, condition }) =>
        command(
          'ZADD',
          key,
          ...CONDITIONS[condition],
          ...members.flatMap(({ member, score: of }) => [scoreText(of), member]),
        ),
      count,
    ),
    sortedRemove: write('harmless', ({ key, members }) => command('ZREM', key, ...members), count),
    sortedScore: read(({ key, field }) => command('ZSCORE', key, field), score),
    sortedIncrement: write('other', ({ key, member, by }) => command('ZINCRBY', key, scoreText(by), member), score),
    sortedRange: read(
      ({ key, byScore, start, stop, reverse, limit, offset }) => {
        if (!byScore) return command(reverse ? 'ZREVRANGE' : 'ZRANGE', key, String(start), String(stop), 'WITHSCORES');
        const [from, to] = reverse ? [stop, start] : [start, stop];
        const page = limit > 0 || offset > 0 ? ['LIMIT', String(offset), String(limit > 0 ? limit : -1)] : [];
        const name = reverse ? 'ZREVRANGEBYSCORE' : 'ZRANGEBYSCORE';
        return command(name, key, scoreText(from), scoreText(to), 'WITHSCORES', ...page);
      },
      (reply) => {
        const flat = asArray(reply);
        const members = flat.flatMap((member, at) =>
          at % 2 === 0 ? [{ member: toBuffer(member), score: toScore(flat[at + 1] ?? 0) }] : [],
        );
        return { members: { members } };
      },
    ),
    sortedRank: read(({ key, member, reverse }) => command(reverse ? 'ZREVRANK' : 'ZRANK', key, member), count),
    sortedSize: read(({ key }) => command('ZCARD', key), count),

    command: {
      access: 'write',
      again: 'other',
      command: ({ name, before, keys, arguments: args }) => ({ name: name.toUpperCase(), before, keys, args }),
      answer: (reply) => ({ reply: toCacheReply(reply) }),
    },
  };

/** The same part of a list that is shorter now may be another part. */
function trimAgain({ start, stop }: Message<'listTrim'>): Again {
  const isFront = start === '0' && !stop.startsWith('-');
  const isBack = start.startsWith('-') && stop === '-1';
  return isFront || isBack ? 'same' : 'other';
}

type CacheReplyMessage = NonNullable<CacheResult['reply']>;

/** A reply of the store as its message. */
export function toCacheReply(reply: Reply): CacheReplyMessage {
  if (reply === null) return { nil: true };
  if (Buffer.isBuffer(reply)) return { value: reply };
  if (Array.isArray(reply)) return { array: { replies: reply.map(toCacheReply) } };
  if (typeof reply === 'string') return { status: reply };
  if (typeof reply === 'boolean') return { boolean: reply };
  if (typeof reply === 'number' && !Number.isInteger(reply)) return { number: reply };
  return { integer: String(reply) };
}

function asArray(reply: Reply): Reply[] {
  if (reply === null) return [];
  return Array.isArray(reply) ? reply : [reply];
}

function toBuffer(reply: Reply): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  if (typeof reply === 'string' || typeof reply === 'number' || typeof reply === 'bigint')
    return Buffer.from(String(reply));
  throw new BottleError(Code.INTERNAL, 'driver-answer', 'the store answered with something that is not a value');
}

/** Redis writes infinities as "inf". */
function toScore(reply: Reply): number {
  if (typeof reply === 'number') return reply;
  const text = toBuffer(reply).toString('latin1');
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function scoreText(score_: number): string {
  if (Number.isFinite(score_)) return String(score_);
  return score_ > 0 ? '+inf' : '-inf';
}
