import { decodeAhead, type GroupPosition, type PartitionState, type QueueSubscription } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { Admin } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.ts';
import { brokerCodeOf, fromKafkaError } from './kafka-errors.ts';
import { untilUsable } from './kafka-session.ts';

interface Ends {
  partition: number;
  low: string;
  high: string;
}

/** Positions of groups, and where partitions begin and end, as the brokers know them. */
export class KafkaOffsets {
  readonly #connection: KafkaConnection;
  readonly #prefix: string;

  /** `prefix` is put before topics and groups. */
  constructor(connection: KafkaConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /**
   * Makes sure that a group which begins behind the last message has a position: otherwise what is published while none
   * of its members is there, before it has ever committed, would be skipped.
   */
  async settle({ topic, group, fromBeginning }: QueueSubscription): Promise<void> {
    if (fromBeginning) return;
    const name = this.#prefix + topic;
    const groupId = this.#prefix + group;
    await this.#ask(async (admin) => {
      const known = await committed(admin, name, groupId);
      if ([...known.values()].some(({ offset }) => offset >= 0n)) return;
      const ends = await endsOf(admin, name);
      if (ends.length === 0) return;
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.setOffsets({ groupId, topic: name, partitions }).catch(async (error: unknown) => {
        const now = await committed(admin, name, groupId);
        // Another pod was faster.
        if (![...now.values()].some(({ offset }) => offset >= 0n)) throw error;
      });
    });
  }

  /** Where a group goes on in these partitions. */
  async positions(
    { topic, group }: QueueSubscription,
    partitions: readonly number[],
  ): Promise<Map<number, GroupPosition>> {
    const name = this.#prefix + topic;
    return await this.#ask(async (admin) => {
      const known = await committed(admin, name, this.#prefix + group);
      const isNew = partitions.some((partition) => (known.get(partition)?.offset ?? -1n) < 0n);
      const lows = new Map(
        (isNew ? await endsOf(admin, name) : []).map(({ partition, low }) => [partition, BigInt(low)]),
      );
      return new Map(
        partitions.map((partition) => {
          const { offset, metadata } = known.get(partition) ?? { offset: -1n, metadata: '' };
          if (offset < 0n) return [partition, { next: lows.get(partition) ?? 0n, ahead: [] }];
          return [partition, { next: offset, ahead: decodeAhead(offset, metadata) }];
        }),
      );
    });
  }

  /** The offset that the next message gets, by partition. */
  async ends(topic: string): Promise<Map<number, bigint>> {
    return await this.#ask(async (admin) => {
      const ends = await endsOf(admin, this.#prefix + topic);
      return new Map(ends.map(({ partition, high }) => [partition, BigInt(high)]));
    });
  }

  /** Where a partition begins and ends. */
  async bounds(topic: string, partition: number): Promise<{ begin: bigint; end: bigint }> {
    return await this.#ask(async (admin) => {
      const ends = await endsOf(admin, this.#prefix + topic);
      const { low = '0', high = '0' } = ends.find((each) => each.partition === partition) ?? {};
      return { begin: BigInt(low), end: BigInt(high) };
    });
  }

  async describe(topic: string, group: string): Promise<PartitionState[]> {
    const name = this.#prefix + topic;
    return await this.#ask(async (admin) => {
      const ends = await endsOf(admin, name);
      if (ends.length === 0) return [];
      const known = await committed(admin, name, this.#prefix + group);
      return ends.map(({ partition, low, high }) => {
        const offset = known.get(partition)?.offset ?? -1n;
        return { partition, begin: BigInt(low), end: BigInt(high), position: offset < 0n ? undefined : offset };
      });
    });
  }

  /** Throws FAILED_PRECONDITION while the group has members. */
  async reposition(topic: string, group: string, positions: ReadonlyMap<number, bigint>): Promise<void> {
    const partitions = [...positions].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await this.#ask((admin) =>
      admin.setOffsets({ groupId: this.#prefix + group, topic: this.#prefix + topic, partitions }),
    );
  }

  async #ask<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const session = await this.#connection.ready();
    try {
      return await session.use(() => untilUsable(() => work(session.admin)));
    } catch (thrown) {
      const error = fromKafkaError(thrown);
      if (error.reason === 'resource-unavailable' && error.code === Code.UNAVAILABLE) {
        this.#connection.giveUp(session, error);
      }
      throw error;
    }
  }
}

async function committed(
  admin: Admin,
  topic: string,
  groupId: string,
): Promise<Map<number, { offset: bigint; metadata: string }>> {
  const answers = await admin.fetchOffsets({ groupId, topics: [topic] });
  const partitions = answers.find((answer) => answer.topic === topic)?.partitions ?? [];
  return new Map(
    partitions.map(({ partition, offset, metadata }) => [
      partition,
      { offset: BigInt(offset), metadata: metadata ?? '' },
    ]),
  );
}

/** None for a topic that there is not. */
async function endsOf(admin: Admin, topic: string): Promise<Ends[]> {
  try {
    return await admin.fetchTopicOffsets(topic);
  } catch (thrown) {
    if (brokerCodeOf(thrown) === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    throw thrown instanceof BottleError ? thrown : fromKafkaError(thrown);
  }
}
