// One life of a member: from joining its group until the connection breaks. kafkajs keeps the membership and says that the
// member lives; records are fetched beside it (kafka-fetcher.ts), so its own consuming is paused throughout.
//  1. Before the group is joined anew, what runs finishes and is committed; meanwhile the brokers hear that the member
//     lives. kafkajs asks for the coordinator first, so that is where it is made to wait.
//  2. A commit carries the generation that its partitions were given in; after them the brokers refuse it. It is sent
//     once, so that it is never sent again for another generation.
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokenBatch, GroupPosition, QueueListener, QueueSubscription } from '@bottle/capabilities';
import { encodeAhead } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import kafkajs, { type Broker, type Cluster, type Consumer, type PartitionAssigner } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { createKafkaAssigner } from './kafka-assigner.ts';
import { brokerCodeOf, fromKafkaError } from './kafka-errors.ts';
import { KafkaFetcher } from './kafka-fetcher.ts';
import { boundsOf, GroupOffsets } from './kafka-offsets.ts';
import { createKafkaClient } from './kafka-client.ts';

const MAX_HEARTBEAT_MS = 1_000;
/** How often kafkajs looks whether it is time for one. */
const LOOK_MS = 100;
/** How much of the rebalance timeout may pass before what runs is not waited for any more. */
const PATIENCE = 0.8;
const CLOSE_TIMEOUT_MS = 5_000;
/** How soon partitions that were added to the topic are distributed, too. */
const METADATA_MAX_AGE_MS = 5_000;
/** Brokers keep 4,096 bytes beside a position. */
const MAX_AHEAD_LENGTH = 4_000;
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 8 };
/** What a commit is refused with when the partitions have been distributed anew. */
const STALE = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

/** A broker as kafkajs has it; its own types leave these two out. */
interface Coordinator extends Broker {
  joinGroup(request: object): Promise<{ generationId: number; memberId: string }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
}

export interface KafkaMembershipOptions {
  settings: KafkaConfig;
  log: Logger;
  subscription: QueueSubscription;
  listener: QueueListener;
  /** It has partitions, or knows that there are none for it. */
  onJoined(): void;
}

/** What the member has from one distribution to the next. */
interface Generation {
  readonly id: number;
  readonly memberId: string;
  readonly partitions: readonly number[];
  /** Undefined until the listener knows of the partitions. */
  fetcher: KafkaFetcher | undefined;
  begun: Promise<void>;
}

export class KafkaMembership {
  readonly #options: KafkaMembershipOptions;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #consumer: Consumer;
  readonly #ended = Promise.withResolvers<void>();
  #cluster: Cluster | undefined;
  #coordinator: Coordinator | undefined;
  /** Asks for it without waiting for what runs. */
  #findCoordinator: (() => Promise<Coordinator>) | undefined;
  readonly #offsets: GroupOffsets;
  /** What the coordinator said last. */
  #joined = { generationId: -1, memberId: '' };
  #generation: Generation | undefined;
  /** The partitions of the generation that was last. */
  #held: readonly number[] = [];
  #isLeaving = false;

  constructor(options: KafkaMembershipOptions) {
    this.#options = options;
    const { settings, log, subscription } = options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = settings.consumer;
    this.#topic = settings.topicPrefix + subscription.topic;
    this.#groupId = settings.topicPrefix + subscription.group;
    this.#consumer = createKafkaClient({ settings, log }).consumer({
      groupId: this.#groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: Math.min(MAX_HEARTBEAT_MS, sessionTimeoutMs / 4),
      maxWaitTimeInMs: LOOK_MS,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      // Whoever keeps the memberships begins a new one.
      retry: { ...RETRY, restartOnFailure: async () => false },
      partitionAssigners: [this.#waitingAssigner(), kafkajs.PartitionAssigners.roundRobin],
    });
    this.#ended.promise.catch(() => {}); // asked by `run`
    const cluster = this.#cluster;
    const findCoordinator = this.#findCoordinator;
    if (!cluster || !findCoordinator) throw new Error('kafkajs made no cluster');
    this.#offsets = new GroupOffsets({ cluster, topic: this.#topic, groupId: this.#groupId, findCoordinator });
  }

  /** Resolves when it was left; rejects with what broke it. */
  async run(): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#begin(payload.memberAssignment[this.#topic] ?? []));
    this.#consumer.on(events.CRASH, ({ payload }) => this.#ended.reject(payload.error));
    try {
      // Joining may wait for others as long as the rebalance timeout; leaving may not.
      await Promise.race([this.#join(), this.#ended.promise]);
      await this.#ended.promise;
    } finally {
      await this.#lose();
      await this.#disconnect();
    }
  }

  /** What stands in the way, by partition. */
  get broken(): ReadonlyMap<number, BrokenBatch> | undefined {
    return this.#generation?.fetcher?.broken;
  }

  skip(partition: number, offset: bigint): boolean {
    return this.#generation?.fetcher?.skip(partition, offset) ?? false;
  }

  /** Leaves the group. */
  leave(): void {
    this.#isLeaving = true;
    this.#generation?.fetcher?.stop();
    this.#generation = undefined;
    this.#ended.resolve();
  }

  /** Rejects with FAILED_PRECONDITION when the partitions are not its own any more. (2) */
  async commit(positions: ReadonlyMap<number, GroupPosition>): Promise<void> {
    const generation = this.#generation;
    const coordinator = this.#coordinator;
    if (!generation || !coordinator) throw revoked();
    const partitions = [...positions].map(([partition, { next, ahead }]) => ({
      partition,
      offset: String(next),
      metadata: encodeAhead(next, ahead, MAX_AHEAD_LENGTH),
    }));
    try {
      await coordinator.offsetCommit({
        groupId: this.#groupId,
        groupGenerationId: generation.id,
        memberId: generation.memberId,
        topics: [{ topic: this.#topic, partitions }],
      });
    } catch (thrown) {
      if (STALE.has(brokerCodeOf(thrown) ?? '')) throw revoked();
      void this.#refreshCoordinator();
      throw fromKafkaError(thrown);
    }
  }

  /** The offset that the next message will get, by partition. */
  async ends(): Promise<ReadonlyMap<number, bigint>> {
    if (!this.#generation || !this.#cluster) return new Map();
    const bounds = await boundsOf(this.#cluster, this.#topic);
    return new Map(bounds.map(({ partition, end }) => [partition, end]));
  }

  async #boundsOf(partition: number): Promise<{ begin: bigint; end: bigint }> {
    const bounds = this.#cluster ? await boundsOf(this.#cluster, this.#topic) : [];
    return bounds.find((each) => each.partition === partition) ?? { begin: 0n, end: 0n };
  }

  /** The next commit tells when it cannot be found. */
  async #refreshCoordinator(): Promise<void> {
    this.#coordinator = (await this.#findCoordinator?.().catch(() => undefined)) ?? this.#coordinator;
  }

  async #join(): Promise<void> {
    await this.#consumer.connect();
    if (!this.#options.subscription.fromBeginning) await this.#offsets.settle();
    await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
  }

  /** (1) */
  #waitingAssigner(): PartitionAssigner {
    const assigner = createKafkaAssigner(() => ({ [this.#topic]: this.#held }));
    return (config) => {
      const { cluster } = config;
      this.#cluster = cluster;
      const find = cluster.findGroupCoordinator.bind(cluster);
      this.#findCoordinator = async () => (await find({ groupId: this.#groupId })) as Coordinator;
      cluster.findGroupCoordinator = async (group) => {
        await this.#beforeJoin();
        const coordinator = (await find(group)) as Coordinator;
        this.#coordinator = coordinator;
        return this.#listening(coordinator);
      };
      return assigner(config);
    };
  }

  /** The coordinator, and what it answers to who joins. */
  #listening(coordinator: Coordinator): Coordinator {
    const joinGroup: Coordinator['joinGroup'] = async (request) => {
      const joined = await coordinator.joinGroup(request);
      this.#joined = joined;
      return joined;
    };
    return Object.create(coordinator, { joinGroup: { value: joinGroup } }) as Coordinator;
  }

  async #beforeJoin(): Promise<void> {
    const generation = this.#generation;
    if (!generation) return;
    const { settings, listener } = this.#options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = settings.consumer;
    await generation.begun;
    generation.fetcher?.stop();
    const alive = setInterval(() => void this.#sayAlive(generation), sessionTimeoutMs / 4);
    const patience = AbortSignal.timeout(rebalanceTimeoutMs * PATIENCE);
    await listener.revoked(generation.partitions, patience).finally(() => clearInterval(alive));
    if (this.#generation === generation) this.#generation = undefined;
  }

  /** The brokers answer that the group is being joined anew, which is known. */
  async #sayAlive({ id, memberId }: Generation): Promise<void> {
    await this.#coordinator?.heartbeat({ groupId: this.#groupId, groupGenerationId: id, memberId }).catch(() => {});
  }

  /** The group was joined. Called before kafkajs fetches, so it never does. */
  #begin(partitions: readonly number[]): void {
    this.#consumer.pause([{ topic: this.#topic }]);
    if (this.#isLeaving) return;
    const { generationId: id, memberId } = this.#joined;
    const generation: Generation = { id, memberId, partitions, fetcher: undefined, begun: Promise.resolve() };
    this.#generation = generation;
    this.#held = partitions;
    generation.begun = this.#announce(generation);
  }

  async #announce(generation: Generation): Promise<void> {
    const { listener, onJoined, settings, log } = this.#options;
    const cluster = this.#cluster;
    try {
      const positions = await this.#offsets.positions(generation.partitions);
      if (this.#generation !== generation || !cluster) return;
      listener.assigned(positions);
      generation.fetcher = new KafkaFetcher({
        cluster,
        settings,
        topic: this.#topic,
        positions,
        listener,
        log,
        bounds: (partition) => this.#boundsOf(partition),
      });
      generation.fetcher.start();
      onJoined();
    } catch (thrown) {
      this.#ended.reject(thrown);
    }
  }

  /** The connection broke: others may have the partitions already. */
  async #lose(): Promise<void> {
    const generation = this.#generation;
    this.#generation = undefined;
    if (!generation) return;
    await generation.begun;
    generation.fetcher?.stop();
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
