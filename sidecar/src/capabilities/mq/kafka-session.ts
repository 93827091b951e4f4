import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  type Admin,
  type ISocketFactoryArgs,
  type ITopicConfig,
  Kafka,
  type KafkaConfig as KafkaClientConfig,
  logLevel,
  type Producer,
} from 'kafkajs';
import type { KafkaConfig } from '../../resources-config.ts';
import { tlsOptions } from '../tls-options.ts';
import { addCodecs } from './compression.ts';
import { brokerCodeOf } from './kafka-errors.ts';
import { quietTimers } from './quiet-timers.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 30_000;
/** kafkajs' own attempts: enough for a change of a partition's leader. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 400, multiplier: 2, factor: 0.2 };
const PRODUCE_RETRIES = 8;
const CONNECT_RETRIES = 2;
/** A topic that is created becomes known within a second; one that is not is reported after it. */
const CREATE_RETRIES = 5;
/** Between questions whose answer could not be used: five in about half a second. */
const MIN_PAUSE_MS = 30;
const MAX_PAUSE_MS = 240;

export interface KafkaSessionOptions {
  settings: KafkaConfig;
  log: Logger;
  /** One of its connections closed. */
  onSocketClosed(session: KafkaSession): void;
}

/** How long a broker may take for one answer: twice within a call's deadline. */
export function requestTimeoutOf({ policy }: KafkaConfig): number {
  return Math.max(250, Math.floor(policy.timeoutMs / 2));
}

/** Whether the broker knows a batch that is sent again by its number. */
export function isIdempotent({ idempotent, acks }: KafkaConfig): boolean {
  return idempotent && acks === 'all';
}

/** One producer with its connections, and an admin client beside it. */
export class KafkaSession {
  readonly producer: Producer;
  readonly #admin: Admin;
  #describing: Promise<unknown> = Promise.resolve();
  readonly #kafka: Kafka;
  #inUse = 0;
  #isRetired = false;

  constructor({ settings, log, onSocketClosed }: KafkaSessionOptions) {
    this.#kafka = createKafkaClient({ settings, log, onSocketClosed: () => onSocketClosed(this) });
    const idempotent = isIdempotent(settings);
    this.producer = this.#kafka.producer({
      idempotent,
      retry: { ...RETRY, retries: idempotent ? PRODUCE_RETRIES : 0 },
      // Partitions are chosen before: receipts name them.
      createPartitioner: () => (args) => args.message.partition ?? 0,
    });
    this.#admin = this.#kafka.admin();
  }

  async connect(): Promise<void> {
    try {
      await Promise.all([this.producer.connect(), this.#admin.connect()]);
    } catch (error) {
      await this.#disconnect();
      throw error;
    }
  }

  /** Work that the session outlives. */
  async use<Result>(work: (producer: Producer) => Promise<Result>): Promise<Result> {
    this.#inUse += 1;
    try {
      return await work(this.producer);
    } finally {
      this.#inUse -= 1;
      if (this.#isRetired && this.#inUse === 0) await this.#disconnect();
    }
  }

  /**
   * Its partitions and their leaders. Rejects with UNKNOWN_TOPIC_OR_PARTITION. One topic after the other: what kafkajs asks for
   * at the same time it asks for together, and forgets none of them when one is missing.
   */
  describeTopic(name: string): ReturnType<Admin['fetchTopicMetadata']> {
    const described = this.#describing.then(() =>
      untilUsable(() => this.#admin.fetchTopicMetadata({ topics: [name] })),
    );
    this.#describing = Promise.allSettled([described]);
    return described;
  }

  /** One round trip. */
  describeCluster(): ReturnType<Admin['describeCluster']> {
    return untilUsable(() => this.#admin.describeCluster());
  }

  /** Whether it was made now. */
  async ensureTopic(topic: ITopicConfig): Promise<boolean> {
    try {
      await this.describeTopic(topic.topic);
      return false;
    } catch (error) {
      if (brokerCodeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
    }
    return await this.#admin.createTopics({ topics: [topic], waitForLeaders: false });
  }

  /** Asks the brokers for a topic as its first publisher, who creates it where they allow that. */
  async createTopic(topic: string): Promise<void> {
    const producer = this.#kafka.producer({
      retry: { ...RETRY, retries: CREATE_RETRIES },
      createPartitioner: () => () => 0,
    });
    try {
      await producer.connect();
      await producer.send({ topic, messages: [] });
    } finally {
      await producer.disconnect();
    }
  }

  /** No work is given to it any more; disconnects when the last one is done. */
  async retire(): Promise<void> {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#inUse === 0) await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    await Promise.allSettled([this.producer.disconnect(), this.#admin.disconnect()]);
  }
}

/**
 * Of metadata that it cannot use, as that of a topic which is being created and has no leader yet, kafkajs forgets why; it answers
 * null, and trips over it. Asked again soon, there is an answer, or the reason why there is none.
 */
export async function untilUsable<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let pauseMs = MIN_PAUSE_MS; ; pauseMs *= 2) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || pauseMs > MAX_PAUSE_MS) throw error;
    }
    await delay(pauseMs);
  }
}

/** kafkajs with the resource's settings. */
export function createKafkaClient(options: { settings: KafkaConfig; log: Logger; onSocketClosed?(): void }): Kafka {
  addCodecs();
  quietTimers();
  const { onSocketClosed = () => {} } = options;
  return new Kafka({
    ...clientConfig(options.settings, options.log),
    socketFactory: (args) => openSocket(args, onSocketClosed),
  });
}

function clientConfig(settings: KafkaConfig, log: Logger): KafkaClientConfig {
  const { brokers, clientId, tls, sasl } = settings;
  return {
    brokers,
    clientId,
    ...(tls === false ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl: sasl as NonNullable<KafkaClientConfig['sasl']> }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: requestTimeoutOf(settings),
    retry: { ...RETRY, retries: CONNECT_RETRIES },
    logLevel: logLevel.WARN,
    // What matters of it comes back as an error, and is logged where it is handled.
    logCreator: () => (entry) => log.debug({ kafka: entry.log.message }, 'kafkajs says'),
  };
}

function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs, onClose: () => void): Socket {
  // The types do not say that there is none without TLS.
  const tls = ssl as ISocketFactoryArgs['ssl'] | undefined;
  const serverName = isIP(host) === 0 ? { servername: host } : {};
  const socket = tls
    ? connectTls({ host, port, ...serverName, ...tls }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  // Each time that kafkajs gives up a socket which is still connecting, this would add a listener to it.
  socket.unref = () => socket;
  socket.once('close', onClose);
  return socket;
}
