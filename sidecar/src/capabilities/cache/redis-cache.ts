import { createHash } from 'node:crypto';
import { type CacheDriver, type Command, type Reply, type Subscriber, TopicFanOut } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { Cluster, Command as RedisCommand } from 'ioredis';
import type { RedisConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { connectRedis, fromRedisError, type RedisClient } from '../redis/redis-connection.ts';

const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == 'DEL' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3]) end
return 1`;

/** The slot is elsewhere, or on its way; or the client learned that between gathering and sending. */
const REDIRECTIONS: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT']);

/** What the answers to one key each come to. */
const BY_KEY: Readonly<Record<string, (replies: Reply[]) => Reply>> = {
  MGET: (replies) => replies.flatMap((reply) => reply as Reply[]),
  DEL: (replies) => replies.reduce<number>((sum, reply) => sum + Number(reply), 0),
  EXISTS: (replies) => replies.reduce<number>((sum, reply) => sum + Number(reply), 0),
};

/** A cache in Redis: one server, sentinels or a cluster. */
export async function createRedisCache(settings: RedisConfig, { id, log }: NamedDriverContext): Promise<CacheDriver> {
  const { keyPrefix, autoPipelining } = settings;
  const connection = connectRedis({ settings, id, log, autoPipelining });
  const { client } = connection;
  const prefixed = (key: string): string => keyPrefix + key;
  const argumentsOf = ({ before = [], keys, args, name }: Command): (string | Buffer)[] => {
    // MSET alone has its keys and values in turn.
    if (name === 'MSET') return keys.flatMap((key, at) => [prefixed(key), args[at] ?? '']);
    return [...before, ...keys.map(prefixed), ...args];
  };
  const sendGathered = (name: string, args: (string | Buffer)[]): Promise<Reply> =>
    connection.run((each) => {
      connection.gather();
      return sendCommand(each, name, args);
    });
  /** Of gathered commands the client follows a redirection only if all of them have it; nothing was done then. */
  const sendInCluster = (name: string, args: (string | Buffer)[]): Promise<Reply> =>
    sendGathered(name, args).catch((error: BottleError) => {
      if (!REDIRECTIONS.has(String(error.details['driverCode']))) throw error;
      return connection.run((each) => sendAlone(each, name, args));
    });
  const send = client instanceof Cluster ? sendInCluster : sendGathered;
  const sendWhole = (command: Command): Promise<Reply> => send(command.name, argumentsOf(command));
  /** Keys of several slots are asked for one by one; the client gathers what is for one node. */
  const sendToSlots = async (command: Command): Promise<Reply> => {
    const merge = command.keys.length > 1 ? BY_KEY[command.name] : undefined;
    if (!merge) return sendWhole(command);
    return merge(await Promise.all(command.keys.map((key) => sendWhole({ ...command, keys: [key] }))));
  };
  const runScript = (source: string, keys: readonly string[], args: readonly Buffer[]): Promise<Reply> => {
    const all = [String(keys.length), ...keys.map(prefixed), ...args];
    const sha = createHash('sha1').update(source).digest('hex');
    return send('EVALSHA', [sha, ...all])
      .catch((error: BottleError) => {
        if (error.details['driverCode'] !== 'NOSCRIPT') throw error;
        return send('EVAL', [source, ...all]);
      })
      .catch(inPart);
  };
  const subscriptions = createSubscriptions(connection.duplicate, keyPrefix);

  return {
    get problem() {
      return connection.problem;
    },
    async ping() {
      await send('PING', []);
    },
    command: client instanceof Cluster ? sendToSlots : sendWhole,
    async transaction(commands) {
      const multi = client.multi();
      for (const command of commands) multi.callBuffer(command.name, ...argumentsOf(command));
      const results = await connection.run(() => multi.exec());
      return (results ?? []).map(([error, reply]) => (error ? inPart(fromRedisError(error)) : (reply as Reply)));
    },
    script: runScript,
    async compareAndSet(key, expected, next) {
      const change = next ? ['SET', String(next.ttlMs), next.value] : ['DEL'];
      return Number(await runScript(COMPARE_AND_SET, [key], [expected, ...change].map(toBuffer))) === 1;
    },
    async scan(cursor, match, count) {
      // The cursor is "<node>:<Redis' own>": a cluster is scanned node by node.
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      const [node = '0', position = '0'] = cursor.split(':');
      const at = Number(node);
      const pattern = `${escapeGlob(keyPrefix)}${match === '' ? '*' : match}`;
      const target = nodes[at];
      if (!target) return { cursor: '', keys: [] };
      const args = [position, 'MATCH', pattern, 'COUNT', String(count)];
      const reply = await connection.run(() => sendCommand(target, 'SCAN', args));
      const [next, found] = reply as [Buffer, Buffer[]];
      const last = next.toString() === '0';
      return {
        cursor: last ? (at + 1 < nodes.length ? `${at + 1}:0` : '') : `${at}:${next.toString()}`,
        keys: found.map((key) => key.toString().slice(keyPrefix.length)),
      };
    },
    publish: async (channel, payload) => Number(await send('PUBLISH', [prefixed(channel), payload])),
    subscribe: subscriptions.add,
    close: () => connection.close(),
  };
}

/** One of several commands failed: Redis does not undo those before it. */
function inPart(error: BottleError): never {
  throw error.reason === 'driver-error' ? error.withDetails({ outcome: 'unknown' }) : error;
}

/** All subscriptions of a resource over one connection, made when there is a first one; one for each channel. */
function createSubscriptions(duplicate: () => RedisClient, keyPrefix: string) {
  const fanOut = new TopicFanOut();
  /** By channel: resolves when Redis has confirmed the subscription. */
  const standing = new Map<string, Promise<unknown>>();
  let client: RedisClient | undefined;

  function connect(): RedisClient {
    if (client) return client;
    const fresh = duplicate();
    client = fresh;
    fresh.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      fanOut.tell(channel.toString().slice(keyPrefix.length), payload);
    });
    // Redis forgets what was published while nobody was connected: whoever listens must know.
    fresh.on('close', () => {
      standing.clear();
      fresh.disconnect();
      client = undefined;
      fanOut.lose(new BottleError(Code.UNAVAILABLE, 'subscription-lost', 'the connection to redis broke'));
    });
    return fresh;
  }

  return {
    async add(channels: readonly string[], subscriber: Subscriber): Promise<() => Promise<void>> {
      const connected = connect();
      const fresh = channels.filter((channel) => fanOut.add(channel, subscriber));
      if (fresh.length > 0) {
        const confirmed = connected.subscribe(...fresh.map((channel) => keyPrefix + channel));
        for (const channel of fresh) standing.set(channel, confirmed);
      }
      const remove = async (): Promise<void> => {
        const silent = channels.filter((channel) => fanOut.delete(channel, subscriber));
        for (const channel of silent) standing.delete(channel);
        // A connection that is down forgets them anyway.
        if (silent.length === 0 || client !== connected) return;
        await connected.unsubscribe(...silent.map((channel) => keyPrefix + channel)).catch(() => {});
      };
      try {
        await Promise.all(channels.flatMap((channel) => standing.get(channel) ?? []));
      } catch (error) {
        await remove();
        throw fromRedisError(error);
      }
      return remove;
    },
  };
}

type SendMethod = (...args: (string | Buffer)[]) => Promise<Reply>;

/** By the client's own method where it has one: auto-pipelining knows only those. Answers are Buffers. */
function sendCommand(client: RedisClient, name: string, args: (string | Buffer)[]): Promise<Reply> {
  const method = (client as unknown as Record<string, SendMethod | undefined>)[`${name.toLowerCase()}Buffer`];
  return typeof method === 'function' ? method.apply(client, args) : sendAlone(client, name, args);
}

function sendAlone(client: RedisClient, name: string, args: (string | Buffer)[]): Promise<Reply> {
  return client.sendCommand(new RedisCommand(name, args, { replyEncoding: null })) as Promise<Reply>;
}

function toBuffer(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
