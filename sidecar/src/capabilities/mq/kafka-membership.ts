// One life of a member: from joining its group until the connection breaks. What kafkajs does not do by itself:
//  1. Before the group is joined anew, what runs finishes and is committed; meanwhile the brokers hear that the member
//     lives. kafkajs asks for the coordinator first, so that is where it is made to wait.
//  2. A commit carries the generation that its partitions were given in; after them the brokers refuse it. None is sent
//     between the end of a generation and the beginning of the next.
//  3. A partition's records are taken without gaps. A fetch that was under way when the group was joined anew, and comes
//     back to a partition that is still here, is not where it should go on: it is asked for again.
//  4. While a listener wants no more of a partition, the fetch waits a moment; then the partition is paused, so that
//     others do not wait for it.
import { setTimeout as delay } from 'node:timers/promises';
import type { GroupPosition, QueueListener, QueueRecord, QueueSubscription } from '@bottle/capabilities';
import { encodeAhead } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import kafkajs, {
  type Batch,
  type Cluster,
  type Consumer,
  type EachBatchPayload,
  type IHeaders,
  type KafkaMessage,
  type PartitionAssigner,
} from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { createKafkaAssigner } from './kafka-assigner.ts';
import { brokerCodeOf, fromKafkaError } from './kafka-errors.ts';
import type { KafkaOffsets } from './kafka-offsets.ts';
import { createKafkaClient } from './kafka-session.ts';

const MAX_HEARTBEAT_MS = 1_000;
/** How much of the rebalance timeout may pass before what runs is not waited for any more. */
const PATIENCE = 0.8;
/** How long a fetch waits for room. (4) */
const ROOM_WAIT_MS = 50;
const CLOSE_TIMEOUT_MS = 5_000;
/** Brokers keep 4,096 bytes beside a position. */
const MAX_AHEAD_LENGTH = 4_000;
const MANY_PARTITIONS = 256;
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 8 };
/** What a commit is refused with when the partitions have been distributed anew. */
const STALE = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

export interface KafkaMembershipOptions {
  settings: KafkaConfig;
  log: Logger;
  subscription: QueueSubscription;
  listener: QueueListener;
  offsets: KafkaOffsets;
  /** It has partitions, or knows that there are none for it. */
  onJoined(): void;
}

/** What the member has from one distribution to the next. */
interface Generation {
  readonly partitions: readonly number[];
  /** The offset that comes next, by partition. */
  readonly expected: Map<number, bigint>;
  /** The offset that a partition was set back to, once. (3) */
  readonly setBack: Map<number, bigint>;
  /** Positions as they were committed last. */
  readonly committed: Map<number, GroupPosition>;
  /** Resolves when the listener knows of the partitions. */
  begun: Promise<void>;
  /** Records are taken. */
  isOpen: boolean;
}

export class KafkaMembership {
  readonly #options: KafkaMembershipOptions;
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #ended = Promise.withResolvers<void>();
  #generation: Generation | undefined;
  /** The partitions of the generation that was last. */
  #held: readonly number[] = [];
  #commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  #isLeaving = false;

  constructor(options: KafkaMembershipOptions) {
    this.#options = options;
    const { settings, log, subscription } = options;
    const { sessionTimeoutMs, rebalanceTimeoutMs, fetchBytes, fetchPartitionBytes, fetchWaitMs } = settings.consumer;
    this.#topic = settings.topicPrefix + subscription.topic;
    this.#consumer = createKafkaClient({ settings, log }).consumer({
      groupId: settings.topicPrefix + subscription.group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: Math.min(MAX_HEARTBEAT_MS, sessionTimeoutMs / 4),
      maxBytes: fetchBytes,
      maxBytesPerPartition: fetchPartitionBytes,
      maxWaitTimeInMs: fetchWaitMs,
      // Whoever keeps the memberships begins a new one.
      retry: { ...RETRY, restartOnFailure: async () => false },
      partitionAssigners: [this.#waitingAssigner(), kafkajs.PartitionAssigners.roundRobin],
    });
    this.#ended.promise.catch(() => {}); // asked by `run`
  }

  /** Resolves when it was left; rejects with what broke it. */
  async run(): Promise<void> {
    const consumer = this.#consumer;
    const { events } = consumer;
    consumer.on(events.GROUP_JOIN, ({ payload }) => this.#begin(payload.memberAssignment[this.#topic] ?? []));
    consumer.on(events.CRASH, ({ payload }) => this.#ended.reject(payload.error));
    try {
      // Joining may wait for others as long as the rebalance timeout; leaving may not.
      await Promise.race([this.#join(), this.#ended.promise]);
      await this.#ended.promise;
    } finally {
      await this.#lose();
      await this.#disconnect();
    }
  }

  /** Leaves the group. */
  leave(): void {
    this.#isLeaving = true;
    this.#generation = undefined;
    this.#ended.resolve();
  }

  /** Rejects with FAILED_PRECONDITION when the partitions are not its own any more. (2) */
  async commit(positions: ReadonlyMap<number, GroupPosition>): Promise<void> {
    const generation = this.#generation;
    const commitOffsets = this.#commitOffsets;
    if (!generation || !commitOffsets) throw revoked();
    const partitions = [...positions].map(([partition, { next, ahead }]) => ({
      partition,
      offset: String(next),
      metadata: encodeAhead(next, ahead, MAX_AHEAD_LENGTH),
    }));
    try {
      await commitOffsets({ topics: [{ topic: this.#topic, partitions }] });
    } catch (thrown) {
      if (STALE.has(brokerCodeOf(thrown) ?? '')) throw revoked();
      throw fromKafkaError(thrown);
    }
    for (const [partition, position] of positions) generation.committed.set(partition, position);
  }

  async #join(): Promise<void> {
    const { offsets, subscription } = this.#options;
    await offsets.settle(subscription);
    await this.#consumer.connect();
    // What was never committed begins at the beginning: `settle` has seen to it where that is not wanted.
    await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: MANY_PARTITIONS,
      eachBatch: (payload) => this.#take(payload),
    });
  }

  /** (1) */
  #waitingAssigner(): PartitionAssigner {
    const assigner = createKafkaAssigner(() => ({ [this.#topic]: this.#held }));
    return (config) => {
      const cluster = config.cluster as Cluster;
      const findGroupCoordinator = cluster.findGroupCoordinator.bind(cluster);
      cluster.findGroupCoordinator = async (group) => {
        await this.#beforeJoin();
        return await findGroupCoordinator(group);
      };
      return assigner(config);
    };
  }

  async #beforeJoin(): Promise<void> {
    const generation = this.#generation;
    if (!generation?.isOpen) return;
    const { settings, listener } = this.#options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = settings.consumer;
    generation.isOpen = false;
    await generation.begun;
    const alive = setInterval(() => void this.#sayAlive(generation), sessionTimeoutMs / 4);
    const patience = AbortSignal.timeout(rebalanceTimeoutMs * PATIENCE);
    await listener.revoked(generation.partitions, patience).finally(() => clearInterval(alive));
    if (this.#generation === generation) this.#generation = undefined;
  }

  /** A commit tells the brokers that the member lives, even while the group waits for it. */
  async #sayAlive({ committed }: Generation): Promise<void> {
    const [known] = committed;
    if (known) await this.commit(new Map([known])).catch(() => {}); // the next join tells
  }

  #begin(partitions: readonly number[]): void {
    if (this.#isLeaving) return;
    this.#consumer.resume([{ topic: this.#topic }]);
    const generation: Generation = {
      partitions,
      expected: new Map(),
      setBack: new Map(),
      committed: new Map(),
      begun: Promise.resolve(),
      isOpen: true,
    };
    generation.begun = this.#announce(generation);
    this.#generation = generation;
    this.#held = partitions;
  }

  async #announce(generation: Generation): Promise<void> {
    const { offsets, subscription, listener, onJoined } = this.#options;
    try {
      const positions = await offsets.positions(subscription, generation.partitions);
      if (this.#generation !== generation) return;
      for (const [partition, position] of positions) {
        generation.expected.set(partition, position.next);
        generation.committed.set(partition, position);
      }
      listener.assigned(positions);
      onJoined();
    } catch (thrown) {
      generation.isOpen = false;
      this.#ended.reject(thrown);
    }
  }

  /** Gives a fetched batch to the listener. What it does not resolve is fetched again. */
  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, commitOffsetsIfNecessary, isStale } = payload;
    this.#commitOffsets = commitOffsetsIfNecessary;
    const generation = this.#generation;
    if (!generation) return await delay(ROOM_WAIT_MS);
    await generation.begun;
    if (!this.#isCurrent(generation) || isStale()) return;
    const { partition } = batch;
    if (!this.#isExpected(generation, batch)) return;
    const records = batch.messages.map((message) => recordOf(partition, message));
    const room = this.#options.listener.records(partition, records, BigInt(batch.highWatermark));
    const last = batch.lastOffset();
    generation.expected.set(partition, BigInt(last) + 1n);
    resolveOffset(last);
    if (room) await this.#wait(generation, partition, room);
  }

  #isCurrent(generation: Generation): boolean {
    return this.#generation === generation && generation.isOpen;
  }

  /** (3) Set back once: what comes then is what there is. Messages may have gone before they were read. */
  #isExpected({ expected, setBack }: Generation, batch: Batch): boolean {
    const { partition } = batch;
    const { fetchedOffset } = batch as Batch & { fetchedOffset: string };
    const wanted = expected.get(partition);
    if (wanted === undefined) return false;
    if (BigInt(fetchedOffset) === wanted || setBack.get(partition) === wanted) return true;
    setBack.set(partition, wanted);
    this.#consumer.seek({ topic: this.#topic, partition, offset: String(wanted) });
    return false;
  }

  /** (4) */
  async #wait(generation: Generation, partition: number, room: Promise<void>): Promise<void> {
    const waited = new AbortController();
    const soon = await Promise.race([
      room.then(() => true),
      delay(ROOM_WAIT_MS, false, { signal: waited.signal }).catch(() => false),
    ]);
    waited.abort();
    if (soon || !this.#isCurrent(generation)) return;
    const place = [{ topic: this.#topic, partitions: [partition] }];
    this.#consumer.pause(place);
    void room.then(() => {
      if (this.#isCurrent(generation)) this.#consumer.resume(place);
    });
  }

  /** The connection broke: others may have the partitions already. */
  async #lose(): Promise<void> {
    const generation = this.#generation;
    this.#generation = undefined;
    if (!generation) return;
    await generation.begun;
    await this.#options.listener.revoked(generation.partitions, AbortSignal.abort());
  }

  async #disconnect(): Promise<void> {
    const disconnected = this.#consumer.disconnect().catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'kafka consumer did not disconnect');
    });
    await Promise.race([disconnected, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

function revoked(): BottleError {
  return new BottleError(Code.FAILED_PRECONDITION, 'partition-revoked', 'the partitions are distributed anew');
}

/** A message as kafkajs has it, as everybody else does. */
export function recordOf(partition: number, { offset, key, value, headers, timestamp }: KafkaMessage): QueueRecord {
  return {
    partition,
    offset: BigInt(offset),
    key: key ?? undefined,
    value: value ?? undefined,
    headers: headers ? headersOf(headers) : [],
    timestampMs: Number(timestamp),
  };
}

function headersOf(headers: IHeaders): QueueRecord['headers'] {
  const list: { name: string; value: Buffer }[] = [];
  for (const name of Object.keys(headers)) {
    const values = headers[name];
    for (const value of Array.isArray(values) ? values : [values ?? '']) {
      list.push({ name, value: typeof value === 'string' ? Buffer.from(value) : value });
    }
  }
  return list;
}
