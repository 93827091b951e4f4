import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { clusterOf, createKafkaClient, RETRY } from './kafka-client.ts';
import { brokerCodeOf } from './kafka-errors.ts';
import { KafkaProducer } from './kafka-producer.ts';

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

/** One producer with its connections, and an admin client beside it. */
export class KafkaSession {
  readonly #producer: KafkaProducer;
  readonly #admin: Admin;
  #describing: Promise<unknown> = Promise.resolve();
  readonly #kafka: Kafka;
  #inUse = 0;
  #isRetired = false;

  constructor({ settings, log, onSocketClosed }: KafkaSessionOptions) {
    this.#kafka = createKafkaClient({ settings, log, onSocketClosed: () => onSocketClosed(this) });
    const cluster = clusterOf(this.#kafka, { allowAutoTopicCreation: true });
    this.#producer = new KafkaProducer({ cluster, settings, log });
    this.#admin = this.#kafka.admin();
  }

  async connect(): Promise<void> {
    try {
      await Promise.all([this.#producer.connect(), this.#admin.connect()]);
    } catch (error) {
      await this.#disconnect();
      throw error;
    }
  }

  /** Work that the session outlives. */
  async use<Result>(work: (producer: KafkaProducer) => Promise<Result>): Promise<Result> {
    this.#inUse += 1;
    try {
      return await work(this.#producer);
    } finally {
      this.#inUse -= 1;
      if (this.#isRetired && this.#inUse === 0) void this.#disconnect(); // what was done is told before
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
    await Promise.allSettled([this.#producer.disconnect(), this.#admin.disconnect()]);
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
