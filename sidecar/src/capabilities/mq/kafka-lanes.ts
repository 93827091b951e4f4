// How the messages of concurrent publishes travel together.
//
// 1. One request carries messages of one partition, so its failure is whole: the broker stored all of them or none.
// 2. A partition has one request under way. What arrives meanwhile travels with the next one, in the order it came.
// 3. Messages that the broker refuses are sent again in halves: one that is refused takes no other along.
// 4. Whatever else a request fails with leaves open what became of it: its publishes fail, and so does the session.
// 5. kafkajs sends again what the broker knows by its number. Where it does not, a request is sent again only when the broker has said
//    that it stored nothing.
import { setTimeout as delay } from 'node:timers/promises';
import { type QueueMessage, type QueueReceipt, type CallContext, partitionOfKey } from '@bottle/capabilities';
import { BottleError, type CallOutcome, Code } from '@bottle/protos';
import { CompressionTypes, type Message, type RecordMetadata } from 'kafkajs';
import type { KafkaConfig } from '../../resources-config.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { fromKafkaError, isNotNow, isRejection } from './kafka-errors.ts';
import { isIdempotent, type KafkaSession, requestTimeoutOf } from './kafka-session.ts';
import type { KafkaTopic } from './kafka-topics.ts';

const MAX_BATCH_MESSAGES = 1_000;
/** Well below the megabyte that brokers take; a larger message travels alone. */
const MAX_BATCH_BYTES = 512 * 1024;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** For a change of a partition's leader. */
const NOT_NOW_RETRIES = 8;
const NOT_NOW_PAUSE_MS = 150;
/** What a message takes beside its key, value and headers, about. */
const OVERHEAD_BYTES = 64;

const ACKS = { all: -1, leader: 1, none: 0 } as const;
/**
 * kafkajs cannot measure a header without a value. This is an empty one that becomes none as it is written: the length before it, a
 * zero, becomes -1, which is a one (zigzag).
 */
const NO_VALUE: Buffer = Object.assign(Buffer.alloc(0), {
  copy(target: Uint8Array, at = 0): number {
    target[at - 1] = 1;
    return 0;
  },
});
const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

/** One publish, until all of its messages are settled. */
interface Publish {
  receipts: QueueReceipt[];
  /** Its messages. */
  count: number;
  unsettled: number;
  call: CallContext;
  resolve(receipts: QueueReceipt[]): void;
  reject(error: unknown): void;
}

interface Entry {
  message: Message;
  bytes: number;
  publish: Publish;
  /** Which of the publish's messages. */
  index: number;
}

interface Lane {
  topic: string;
  partition: number;
  waiting: Entry[];
}

export interface KafkaLanesOptions {
  settings: KafkaConfig;
  connection: KafkaConnection;
  /** A request to this topic failed for another reason than its messages. */
  onFailure(topic: string): void;
}

export class KafkaLanes {
  readonly #options: KafkaLanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #queuedBytes = 0;

  constructor(options: KafkaLanesOptions) {
    this.#options = options;
  }

  /** Resolves when the brokers have acknowledged all messages. */
  publish(
    name: string,
    topic: KafkaTopic,
    messages: readonly QueueMessage[],
    call: CallContext,
  ): Promise<QueueReceipt[]> {
    return new Promise((resolve, reject) => {
      const { length: count } = messages;
      const publish: Publish = { receipts: [], count, unsettled: count, call, resolve, reject };
      const entries = messages.map((message, index) => entryOf(message, publish, index));
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      if (this.#queuedBytes + bytes > MAX_QUEUED_BYTES) {
        const message = `more than ${MAX_QUEUED_BYTES} bytes wait to be sent`;
        throw new BottleError(Code.RESOURCE_EXHAUSTED, 'producer-full', message);
      }
      this.#queuedBytes += bytes;
      for (const entry of entries) {
        const { partition, key } = entry.message;
        const at = partition ?? (key ? partitionOfKey(key as Buffer, topic.partitions) : this.#turn(name, topic));
        entry.message.partition = at;
        this.#enqueue(name, at, entry);
      }
    });
  }

  /** A partition for messages without a key: the same while a batch for it is gathering. */
  #turn(name: string, topic: KafkaTopic): number {
    const { available, partitions } = topic;
    const count = available.length === 0 ? partitions : available.length;
    const current = topic.turn % count;
    const partition = available[current] ?? current;
    const waiting = this.#lanes.get(`${name} ${partition}`)?.waiting.length ?? 0;
    if (waiting > 0 && waiting < MAX_BATCH_MESSAGES) return partition;
    topic.turn = (current + 1) % count;
    return available[topic.turn] ?? topic.turn;
  }

  #enqueue(topic: string, partition: number, entry: Entry): void {
    const key = `${topic} ${partition}`;
    const known = this.#lanes.get(key);
    if (known) {
      known.waiting.push(entry);
      return;
    }
    const lane = { topic, partition, waiting: [entry] };
    this.#lanes.set(key, lane);
    const { lingerMs } = this.#options.settings;
    const run = (): void => void this.#run(key, lane);
    if (lingerMs > 0) setTimeout(run, lingerMs);
    else setImmediate(run);
  }

  /** Sends batch after batch until none waits. (2) */
  async #run(key: string, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const batch = this.#take(lane);
      if (batch.length > 0) await this.#send(lane, batch);
    }
    this.#lanes.delete(key);
  }

  #take(lane: Lane): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    let taken = 0;
    for (const entry of lane.waiting) {
      if (taken > 0 && (batch.length >= MAX_BATCH_MESSAGES || bytes + entry.bytes > MAX_BATCH_BYTES)) break;
      taken += 1;
      const { signal } = entry.publish.call;
      if (signal.aborted) this.#fail([entry], BottleError.from(signal.reason).withDetails({ outcome: 'not-done' }));
      else {
        batch.push(entry);
        bytes += entry.bytes;
      }
    }
    lane.waiting.splice(0, taken);
    return batch;
  }

  async #send(lane: Lane, batch: Entry[]): Promise<void> {
    const { connection, onFailure } = this.#options;
    let session: KafkaSession | undefined;
    try {
      session = await connection.ready();
      this.#acknowledge(lane, batch, await this.#request(session, lane, batch));
    } catch (thrown) {
      if (isRejection(thrown) && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await this.#send(lane, batch.slice(0, half)); // 3
        await this.#send(lane, batch.slice(half));
        return;
      }
      const isStored = session && !isRejection(thrown) ? 'unknown' : 'not-done';
      const error = explain(thrown, isStored);
      if (session && isStored === 'unknown') {
        connection.giveUp(session, error); // 4
        onFailure(lane.topic);
      }
      this.#fail(batch, error);
    }
  }

  /** Rejects when it takes longer than a call may; kafkajs gives up a little later. */
  async #request(session: KafkaSession, { topic }: Lane, batch: Entry[]): Promise<RecordMetadata[]> {
    const { settings } = this.#options;
    const { timeoutMs } = settings.policy;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const message = `kafka did not answer: no acknowledgement within ${timeoutMs} ms`;
      const details = { driverCode: 'TIMEOUT' };
      late.reject(new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details }));
    }, timeoutMs);
    const sent = session.use((producer) =>
      untilNow(isIdempotent(settings) ? 0 : NOT_NOW_RETRIES, () =>
        producer.send({
          topic,
          acks: ACKS[settings.acks],
          timeout: requestTimeoutOf(settings),
          compression: COMPRESSION[settings.compression],
          messages: batch.map(({ message }) => message),
        }),
      ),
    );
    try {
      return await Promise.race([sent, late.promise]);
    } finally {
      clearTimeout(timer);
      sent.catch(() => {}); // it may fail long after the race
    }
  }

  #acknowledge({ partition }: Lane, batch: readonly Entry[], answers: readonly RecordMetadata[]): void {
    const isTold = this.#options.settings.acks !== 'none';
    const answer = answers.find((metadata) => metadata.partition === partition);
    if (isTold && answer?.baseOffset === undefined) {
      const message = 'kafka did not answer: it acknowledged without an offset';
      throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message);
    }
    const base = BigInt(answer?.baseOffset ?? -1);
    for (const [position, { publish, index, bytes }] of batch.entries()) {
      this.#queuedBytes -= bytes;
      publish.receipts[index] = { partition, offset: isTold ? base + BigInt(position) : -1n };
      publish.unsettled -= 1;
      if (publish.unsettled === 0) publish.resolve(publish.receipts);
    }
  }

  /** Of a publish of several messages others may be stored by now, or will be. */
  #fail(entries: readonly Entry[], error: BottleError): void {
    const failed = new Map<Publish, number>();
    for (const { publish, bytes } of entries) {
      this.#queuedBytes -= bytes;
      failed.set(publish, (failed.get(publish) ?? 0) + 1);
    }
    for (const [publish, count] of failed)
      publish.reject(count === publish.count ? error : error.withDetails({ outcome: 'unknown' }));
  }
}

/** 5 */
async function untilNow<Answer>(retries: number, send: () => Promise<Answer>): Promise<Answer> {
  for (let left = retries; ; left--) {
    try {
      return await send();
    } catch (thrown) {
      if (left === 0 || !isNotNow(thrown)) throw thrown;
    }
    await delay(NOT_NOW_PAUSE_MS);
  }
}

function entryOf(message: QueueMessage, publish: Publish, index: number): Entry {
  const { key, value, headers, partition, timestampMs } = message;
  let bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  const named: Record<string, Buffer[]> = {};
  for (const { name, value: content = NO_VALUE } of headers) {
    bytes += name.length + content.length;
    if (Object.hasOwn(named, name)) named[name]?.push(content);
    else named[name] = [content];
  }
  return {
    message: {
      key: key ?? null,
      value: value ?? null,
      headers: named,
      ...(partition === undefined ? {} : { partition }),
      timestamp: String(timestampMs).padStart(16, '0'), // kafkajs sorts timestamps as texts
    },
    bytes,
    publish,
    index,
  };
}

/** A topic that is gone says so again when it is next asked for; now nobody knows what became of the messages. */
function explain(thrown: unknown, outcome: CallOutcome): BottleError {
  const error = fromKafkaError(thrown).withDetails({ outcome });
  if (error.code !== Code.NOT_FOUND) return error;
  return new BottleError(Code.UNAVAILABLE, error.reason, error.message, { details: error.details });
}
