// Where groups and partitions stand, asked through a cluster of kafkajs that knows one topic alone. kafkajs asks for all the topics
// that a cluster was ever told of together, and the error of one of them is the answer for all: so topics must not share one.
import { decodeAhead, type GroupPosition, type PartitionState } from '@bottle/capabilities';
import type { Broker, Cluster } from 'kafkajs';
import { brokerCodeOf } from './kafka-errors.ts';
import { untilUsable } from './kafka-session.ts';

export interface PartitionBounds {
  partition: number;
  /** The oldest offset that is still there. */
  begin: bigint;
  /** The offset that the next message will get. */
  end: bigint;
}

/** What a group has committed, by partition. */
type Committed = ReadonlyMap<number, { offset: bigint; metadata: string }>;

/** For commits of somebody who is no member; brokers take them while the group has none. */
const NO_MEMBER = { groupGenerationId: -1, memberId: '' };

/** Where the partitions of the cluster's topic begin and end; none when there is no such topic. */
export async function boundsOf(cluster: Cluster, topic: string): Promise<PartitionBounds[]> {
  const numbers = await partitionsOf(cluster, topic);
  if (numbers.length === 0) return [];
  const partitions = numbers.map((partition) => ({ partition }));
  const [highs = [], lows = []] = await Promise.all(
    [false, true].map(async (fromBeginning) => {
      const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }]);
      return answer?.partitions ?? [];
    }),
  );
  const low = new Map(lows.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return highs.map(({ partition, offset }) => ({ partition, begin: low.get(partition) ?? 0n, end: BigInt(offset) }));
}

/** The numbers of its partitions; none when there is no such topic. */
async function partitionsOf(cluster: Cluster, topic: string): Promise<number[]> {
  try {
    await untilUsable(async () => {
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadataIfNecessary();
    });
    return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  } catch (error) {
    if (brokerCodeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    throw error;
  }
}

export interface GroupOffsetsOptions {
  cluster: Cluster;
  /** As the brokers have them. */
  topic: string;
  groupId: string;
  /** kafkajs' own question for it joins the group, where the cluster is a member's. */
  findCoordinator(): Promise<Broker>;
}

/** One group's positions in one topic. Rejects with what kafkajs throws. */
export class GroupOffsets {
  readonly #options: GroupOffsetsOptions;
  /** Where a group begins that could not be given a position, because it has members in other topics. */
  #begins: ReadonlyMap<number, bigint> = new Map();

  constructor(options: GroupOffsetsOptions) {
    this.#options = options;
  }

  /**
   * Makes sure that a group which begins behind the last message has a position: otherwise what is published while none
   * of its members is there, before it has ever committed, would be skipped.
   */
  async settle(): Promise<void> {
    const { cluster, topic } = this.#options;
    const bounds = await boundsOf(cluster, topic);
    if (bounds.length === 0 || hasPosition(await this.#committed(bounds))) return;
    const ends = new Map(bounds.map(({ partition, end }) => [partition, end]));
    await this.move(ends).catch(async (error: unknown) => {
      if (brokerCodeOf(error) !== 'UNKNOWN_MEMBER_ID') throw error;
      if (!hasPosition(await this.#committed(bounds))) this.#begins = ends; // or another pod was faster
    });
  }

  /** Where the group goes on in these partitions. */
  async positions(partitions: readonly number[]): Promise<Map<number, GroupPosition>> {
    const { cluster, topic } = this.#options;
    const known = await this.#committed(partitions.map((partition) => ({ partition })));
    const isNew = partitions.some((partition) => (known.get(partition)?.offset ?? -1n) < 0n);
    const begins = new Map<number, bigint>();
    if (isNew) for (const { partition, begin } of await boundsOf(cluster, topic)) begins.set(partition, begin);
    return new Map(
      partitions.map((partition) => {
        const { offset, metadata } = known.get(partition) ?? { offset: -1n, metadata: '' };
        if (offset >= 0n) return [partition, { next: offset, ahead: decodeAhead(offset, metadata) }];
        return [partition, { next: this.#begins.get(partition) ?? begins.get(partition) ?? 0n, ahead: [] }];
      }),
    );
  }

  async describe(): Promise<PartitionState[]> {
    const { cluster, topic } = this.#options;
    const bounds = await boundsOf(cluster, topic);
    const known = bounds.length === 0 ? new Map() : await this.#committed(bounds);
    return bounds.map(({ partition, begin, end }) => {
      const offset = (known as Committed).get(partition)?.offset ?? -1n;
      return { partition, begin, end, position: offset < 0n ? undefined : offset };
    });
  }

  /** Rejects with UNKNOWN_MEMBER_ID while the group has members. */
  async move(positions: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic, groupId, findCoordinator } = this.#options;
    const partitions = [...positions].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    const coordinator = await findCoordinator();
    await coordinator.offsetCommit({ groupId, ...NO_MEMBER, topics: [{ topic, partitions }] });
  }

  async #committed(wanted: readonly { partition: number }[]): Promise<Committed> {
    const { topic, groupId, findCoordinator } = this.#options;
    const coordinator = await findCoordinator();
    const partitions = wanted.map(({ partition }) => ({ partition, offset: '-1' }));
    const { responses } = await coordinator.offsetFetch({ groupId, topics: [{ topic, partitions }] });
    const answered = (responses[0]?.partitions ?? []) as {
      partition: number;
      offset: string;
      metadata?: string | null;
    }[];
    return new Map(
      answered.map(({ partition, offset, metadata }) => [
        partition,
        { offset: BigInt(offset), metadata: metadata ?? '' },
      ]),
    );
  }
}

function hasPosition(known: Committed): boolean {
  return [...known.values()].some(({ offset }) => offset >= 0n);
}
