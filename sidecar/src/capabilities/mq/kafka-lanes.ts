// How the messages of concurrent publishes travel together.
//
// 1. A batch is of one partition, so its failure is whole: the broker stored all of it or none.
// 2. A partition has one batch under way. What arrives meanwhile travels with the next one, in the order it came.
// 3. Messages that the broker refuses are sent again in halves: one that is refused takes no other along.
// 4. Whatever else a batch fails with after it was sent leaves open what became of it: its publishes fail, and so does the session.
import { type QueueMessage, type QueueReceipt, type CallContext, partitionOfKey } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { Message } from 'kafkajs';
import type { KafkaConfig } from '../../resources-config.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { fromKafkaError, isRejection } from './kafka-errors.ts';
import type { Batch } from './kafka-producer.ts';
import type { KafkaSession } from './kafka-session.ts';
import type { KafkaTopic } from './kafka-topics.ts';

const MAX_BATCH_MESSAGES = 1_000;
/** Well below the megabyte that brokers take; a larger message travels alone. */
const MAX_BATCH_BYTES = 512 * 1024;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** What a message takes beside its key, value and headers, about. */
const OVERHEAD_BYTES = 64;

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
  /** Lanes that begin together, so that their first batches travel together. */
  #beginning: (() => void)[] = [];
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
    this.#beginning.push(() => void this.#run(key, lane));
    if (this.#beginning.length > 1) return;
    const { lingerMs } = this.#options.settings;
    const begin = (): void => {
      for (const run of this.#beginning.splice(0)) run();
    };
    if (lingerMs > 0) setTimeout(begin, lingerMs);
    else setImmediate(begin);
  }

  /** Sends batch after batch until none waits. (2) */
  async #run(key: string, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) await this.#send(lane, lane.waiting);
    this.#lanes.delete(key);
  }

  /** One batch of the first of these. */
  async #send(lane: Lane, entries: Entry[]): Promise<void> {
    const { topic, partition } = lane;
    let session: KafkaSession | undefined;
    let batch: Entry[] = [];
    const draw = (): Batch => {
      const taken = this.#take(entries);
      batch = taken.batch;
      for (const { publish } of batch) publish.call.outcome = undefined;
      return { bytes: taken.bytes, messages: batch.map(({ message }) => message) };
    };
    try {
      session = await this.#options.connection.ready();
      const first = await session.use((producer) => producer.append({ topic, partition, draw }));
      this.#acknowledge(lane, batch, first);
    } catch (thrown) {
      if (isRejection(thrown) && batch.length > 1) {
        const second = batch.splice(Math.ceil(batch.length / 2));
        await this.#send(lane, batch); // 3
        await this.#send(lane, second);
      } else this.#fail(batch.length > 0 ? batch : this.#take(entries).batch, this.#explain(thrown, session, lane));
    }
  }

  /** Takes them out, without those that nobody waits for any more. */
  #take(entries: Entry[]): { batch: Entry[]; bytes: number } {
    const batch: Entry[] = [];
    let bytes = 0;
    let taken = 0;
    for (const entry of entries) {
      if (taken > 0 && (batch.length >= MAX_BATCH_MESSAGES || bytes + entry.bytes > MAX_BATCH_BYTES)) break;
      taken += 1;
      const { signal } = entry.publish.call;
      if (signal.aborted) this.#fail([entry], BottleError.from(signal.reason).withDetails({ outcome: 'not-done' }));
      else {
        batch.push(entry);
        bytes += entry.bytes;
      }
    }
    entries.splice(0, taken);
    return { batch, bytes };
  }

  #explain(thrown: unknown, session: KafkaSession | undefined, { topic }: Lane): BottleError {
    const { connection, onFailure } = this.#options;
    const known = fromKafkaError(thrown);
    if (!session || isRejection(thrown)) return known.withDetails({ outcome: 'not-done' });
    const error = unavailable(known);
    connection.giveUp(session, error); // 4
    onFailure(topic);
    return error.withDetails({ outcome: known.details['outcome'] ?? 'unknown' });
  }

  /** `first`: its first message's offset, -1 where the brokers do not tell. */
  #acknowledge({ partition }: Lane, batch: readonly Entry[], first: bigint): void {
    for (const [position, { publish, index, bytes }] of batch.entries()) {
      this.#queuedBytes -= bytes;
      publish.receipts[index] = { partition, offset: first < 0n ? -1n : first + BigInt(position) };
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
function unavailable(error: BottleError): BottleError {
  if (error.code !== Code.NOT_FOUND) return error;
  return new BottleError(Code.UNAVAILABLE, error.reason, error.message, { details: error.details });
}
