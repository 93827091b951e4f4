// Who of a group gets which partitions. Every member gets its share of each topic that it reads, and keeps what it has as
// far as that goes: kafkajs' own assigner deals all topics to all members, also those that do not read them.
import kafkajs, { type Assigner, type GroupMember, type PartitionAssigner } from 'kafkajs';

const NAME = 'BottleAssigner';
const VERSION = 1;

/** What a member asks for. */
export interface MemberWish {
  memberId: string;
  topics: readonly string[];
  /** Partitions that it has now, by topic. */
  owned: Readonly<Record<string, readonly number[]>>;
}

/** Partitions by topic, by member. */
export type Shares = Map<string, Record<string, number[]>>;

/** `owned` answers what this member has when it joins. */
export function createKafkaAssigner(owned: () => Readonly<Record<string, readonly number[]>>): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(owned())),
      }),
    }),
    async assign({ members }) {
      const wishes = members.map(wishOf);
      const topics = [...new Set(wishes.flatMap((wish) => wish.topics))];
      await cluster.addMultipleTargetTopics(topics);
      const partitions = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      return [...dealPartitions(wishes, partitions)].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

/** Shares differ by one partition of a topic at most. */
export function dealPartitions(
  wishes: readonly MemberWish[],
  partitions: ReadonlyMap<string, readonly number[]>,
): Shares {
  const shares: Shares = new Map(wishes.map(({ memberId }) => [memberId, {}]));
  for (const [topic, all] of partitions) {
    // Whoever has most keeps most; then by name, so that every leader decides alike.
    const takers = wishes
      .filter(({ topics }) => topics.includes(topic))
      .sort((a, b) => ownedOf(b, topic).length - ownedOf(a, topic).length || (a.memberId < b.memberId ? -1 : 1));
    const left = new Set(all);
    const quotas = takers.map(
      (_taker, at) => Math.floor(all.length / takers.length) + (at < all.length % takers.length ? 1 : 0),
    );
    const kept = takers.map((taker, at) => {
      const mine = ownedOf(taker, topic)
        .filter((partition) => left.has(partition))
        .slice(0, quotas[at]);
      for (const partition of mine) left.delete(partition);
      return mine;
    });
    const rest = [...left].sort((a, b) => a - b);
    for (const [at, { memberId }] of takers.entries()) {
      const mine = kept[at] ?? [];
      const more = rest.splice(0, (quotas[at] ?? 0) - mine.length);
      const share = shares.get(memberId);
      if (share && mine.length + more.length > 0) share[topic] = [...mine, ...more].sort((a, b) => a - b);
    }
  }
  return shares;
}

function ownedOf({ owned }: MemberWish, topic: string): readonly number[] {
  return owned[topic] ?? [];
}

function wishOf({ memberId, memberMetadata }: GroupMember): MemberWish {
  const { topics = [], userData } = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata) ?? {};
  return { memberId, topics, owned: userData && userData.length > 0 ? parseOwned(userData) : {} };
}

/** Only ever written by `protocol` above; what is not is as good as nothing. */
function parseOwned(userData: Buffer): MemberWish['owned'] {
  try {
    return JSON.parse(userData.toString()) as MemberWish['owned'];
  } catch {
    return {};
  }
}
