import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { BottleError, Code } from '@bottle/protos';
import { Cluster, Command, Redis, ReplyError } from 'ioredis';
import type { RedisConnectionConfig } from '../../resources-config.ts';
import { tlsOptions, withTlsFiles } from '../tls-options.ts';

export type RedisClient = Redis | Cluster;

export interface RedisConnectionOptions {
  settings: RedisConnectionConfig;
  /** "cache.sessions", for messages. */
  id: string;
  log: Logger;
  autoPipelining?: boolean;
}

/** One client that connects by itself and for ever, and can say why it is not connected. */
export interface RedisConnection {
  readonly client: RedisClient;
  readonly problem: string | undefined;
  /**
   * Runs commands. While a connection that broke is being made again they wait for the outcome of the first attempt, and fail
   * unsent when that fails. Throws BottleError.
   */
  run<Reply>(commands: (client: RedisClient) => Promise<Reply>): Promise<Reply>;
  /** Call it before a command: what is sent in one turn of the event loop leaves in one write. */
  gather(): void;
  /** A client of the same kind for subscriptions, which take a connection of their own. */
  duplicate(): RedisClient;
  close(): Promise<void>;
}

/** The socket of a client. Not corking it costs a system call for each command; the client's own auto-pipelining, which it
 * needs in a cluster, costs more CPU than that: its objects outlive the young generation. */
type Gatherable = Pick<Socket, 'cork' | 'uncork'>;

/** Longest pause between attempts to connect: recovery is noticed within it. */
const MAX_RECONNECT_MS = 500;
/** How often a cluster is asked who has which slots: a master that takes over is known within it. */
const SLOTS_REFRESH_MS = 1_000;

/** Whether the connection stands, and who waits for it. The client's own queue cannot tell what it has sent. */
class Standing {
  readonly #client: RedisClient;
  /** Of a cluster: its nodes are connected, too. */
  #isWhole: boolean;
  #stood = false;
  #hasFailed = false;
  #next = untilNext();

  constructor(client: RedisClient) {
    this.#client = client;
    this.#isWhole = !(client instanceof Cluster);
    client.on('ready', () => void this.#onReady());
    client.on('close', () => {
      if (client instanceof Cluster) this.#isWhole = false;
      this.#hasFailed = !this.#stood;
      this.#stood = false;
      if (!this.#hasFailed) return;
      this.#next.reject(notConnected());
      this.#next = untilNext();
    });
  }

  /** Undefined while it stands. */
  wait(): Promise<void> | undefined {
    if (this.#isWhole && this.#client.status === 'ready') return undefined;
    return this.#hasFailed ? Promise.reject(notConnected()) : this.#next.promise;
  }

  async #onReady(): Promise<void> {
    if (this.#client instanceof Cluster) await Promise.all(this.#client.nodes().map(untilConnected));
    this.#isWhole = true;
    this.#stood = true;
    this.#hasFailed = false;
    this.#next.resolve();
    this.#next = untilNext();
  }
}

/** A node of a cluster that is connecting refuses commands, so it is not left to the first of them. */
async function untilConnected(node: Redis): Promise<void> {
  if (node.status === 'wait')
    await node.connect().catch(() => {}); // then its commands say so
  else if (node.status === 'connecting' || node.status === 'connect')
    await new Promise((resolve) => node.once('ready', resolve).once('close', resolve));
}

function untilNext(): PromiseWithResolvers<void> {
  const next = Promise.withResolvers<void>();
  next.promise.catch(() => {}); // nobody may be waiting
  return next;
}

/** Connects in the background. */
export function connectRedis({ id, log, autoPipelining = false, ...given }: RedisConnectionOptions): RedisConnection {
  const settings = withTlsFiles(given.settings);
  // Answers stay as they came: the transformer would turn field names into strings and lose bytes.
  Command.setReplyTransformer('hgetall', (reply: unknown) => reply);
  let lastError = 'connecting';
  let reported: string | undefined;
  const watch = (client: RedisClient): RedisClient => {
    client.on('error', (error: Error) => {
      lastError = describeError(error);
      if (reported !== lastError) log.warn({ resource: id, reason: lastError }, 'redis connection failed');
      reported = lastError;
    });
    client.on('ready', () => {
      if (reported !== undefined) log.info({ resource: id }, 'redis is connected again');
      reported = undefined;
    });
    return client;
  };
  const create = (options: ClientOptions): RedisClient => watch(createClient(settings, options));
  const client = create({ enableAutoPipelining: autoPipelining, enableOfflineQueue: false });
  const others = new Set<RedisClient>();
  const standing = new Standing(client);
  const answered = <Reply>(commands: (client: RedisClient) => Promise<Reply>): Promise<Reply> =>
    commands(client).catch((error: unknown) => {
      throw fromRedisError(error);
    });
  let gathering: Gatherable | undefined;
  const release = (): void => {
    gathering?.uncork();
    gathering = undefined;
  };
  return {
    client,
    run(commands) {
      const waiting = standing.wait();
      return waiting ? waiting.then(() => answered(commands)) : answered(commands);
    },
    get problem() {
      return client.status === 'ready' ? undefined : `redis: ${lastError}`;
    },
    gather() {
      if (gathering || !autoPipelining || client instanceof Cluster) return;
      gathering = client.stream as Gatherable | undefined; // none before the first connection
      if (!gathering) return;
      gathering.cork();
      setImmediate(release);
    },
    duplicate() {
      const other = create({ enableAutoPipelining: false, enableOfflineQueue: true });
      others.add(other);
      other.once('end', () => others.delete(other));
      return other;
    },
    async close() {
      for (const each of [client, ...others]) each.disconnect();
    },
  };
}

interface ClientOptions {
  /** Of a cluster; a single server's commands are gathered at the socket. */
  enableAutoPipelining: boolean;
  /** Whether commands wait for a connection that does not stand. */
  enableOfflineQueue: boolean;
}

/** What was sent and not answered when the connection broke fails: whether it may be sent again is not for the client to say. */
const NEVER_AGAIN = { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false };

function createClient(
  settings: RedisConnectionConfig,
  { enableAutoPipelining, enableOfflineQueue }: ClientOptions,
): RedisClient {
  const { url, cluster, sentinels, username, password, database, tls } = settings;
  const common = {
    ...NEVER_AGAIN,
    connectTimeout: 2_000,
    protocol: 2 as const,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { db: database }),
    ...(tls === false ? {} : { tls: tlsOptions(tls) }),
  };
  const retryStrategy = (attempt: number): number => Math.min(20 * 2 ** Math.min(attempt, 8), MAX_RECONNECT_MS);
  if (cluster) {
    const client = new Cluster(cluster.map(splitAddress), {
      enableAutoPipelining,
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      retryDelayOnFailover: 0, // nor would the cluster: redirections remain, after which nothing was done
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      redisOptions: common,
    });
    return client.on('+node', (node: Redis) => void untilConnected(node));
  }
  if (sentinels) {
    return new Redis({
      ...common,
      enableOfflineQueue,
      retryStrategy,
      sentinelRetryStrategy: retryStrategy,
      // Without these two ioredis asks the sentinels, and the master, without TLS.
      ...(tls === false ? {} : { enableTLSForSentinelMode: true }),
      ...(tls === false || !sentinels.tls ? {} : { sentinelTLS: tlsOptions(tls) }),
      name: sentinels.name,
      sentinels: sentinels.nodes.map(splitAddress),
      ...(sentinels.password === undefined ? {} : { sentinelPassword: sentinels.password }),
    });
  }
  return new Redis(url ?? 'redis://127.0.0.1:6379', { ...common, enableOfflineQueue, retryStrategy });
}

function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

function describeError(error: Error): string {
  const { code } = error as { code?: string };
  return error.message === '' ? (code ?? error.name) : error.message;
}

/** What ioredis threw as the platform's error; Redis' own code ("WRONGTYPE") is kept. */
export function fromRedisError(thrown: unknown): BottleError {
  if (thrown instanceof BottleError) return thrown;
  const error = thrown as Error;
  if (error instanceof ReplyError) {
    const driverCode = /^[A-Z][A-Z0-9_]*/.exec(error.message)?.[0] ?? 'ERR';
    const code = REPLY_CODES[driverCode] ?? Code.FAILED_PRECONDITION;
    return new BottleError(code, 'driver-error', error.message, { details: { driverCode }, cause: undefined });
  }
  const driverCode = (error as { code?: string }).code ?? error.name;
  if (NOT_SENT.test(error.message)) return notConnected();
  if (SEVERAL_SLOTS.test(error.message)) {
    const message = 'CROSSSLOT keys that belong together in a cluster need one hash tag, as in "{cart:1}:lines"';
    return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details: { driverCode: 'CROSSSLOT' } });
  }
  const message = 'the connection to redis broke before the answer';
  return new BottleError(Code.UNAVAILABLE, 'connection-lost', message, { details: { driverCode } });
}

function notConnected(): BottleError {
  const details = { driverCode: 'NOT_CONNECTED', started: false };
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'redis is not connected', { details });
}

/** What the client says of a command that no connection would take. */
const NOT_SENT = /enableOfflineQueue options is false$|^None of startup nodes is available$/;

/** What the client says of a command, or a transaction, before it asks the cluster. */
const SEVERAL_SLOTS = /^All (the )?keys in (a|the) pipeline .*should belong to the same slot/;

const REPLY_CODES: Readonly<Record<string, Code>> = {
  LOADING: Code.UNAVAILABLE,
  MASTERDOWN: Code.UNAVAILABLE,
  CLUSTERDOWN: Code.UNAVAILABLE,
  TRYAGAIN: Code.UNAVAILABLE,
  MOVED: Code.UNAVAILABLE,
  ASK: Code.UNAVAILABLE,
  READONLY: Code.UNAVAILABLE,
  BUSY: Code.UNAVAILABLE,
  OOM: Code.RESOURCE_EXHAUSTED,
  NOAUTH: Code.UNAVAILABLE, // a wrong password is no mistake of whoever calls
  WRONGPASS: Code.UNAVAILABLE,
  NOPERM: Code.PERMISSION_DENIED,
  EXECABORT: Code.ABORTED,
};
