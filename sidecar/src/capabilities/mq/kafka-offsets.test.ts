import type { Broker, Cluster } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { GroupOffsets } from './kafka-offsets.ts';

interface Commit {
  groupGenerationId: number;
  memberId: string;
  topics: { partitions: { partition: number; offset: string }[] }[];
}

/** A topic of two partitions, from 5 to 7 and from 0 to 40, and a group that has read nothing of it. */
function offsetsOf(refusal?: string) {
  const commits: Commit[] = [];
  const partitions = [0, 1];
  const cluster = {
    addTargetTopic: async () => {},
    refreshMetadataIfNecessary: async () => {},
    findTopicPartitionMetadata: () => partitions.map((partitionId) => ({ partitionId })),
    fetchTopicsOffset: async ([asked]: [{ fromBeginning: boolean }]) => [
      {
        partitions: partitions.map((at) => ({
          partition: at,
          offset: (asked.fromBeginning ? ['5', '0'] : ['7', '40'])[at],
        })),
      },
    ],
  } as unknown as Cluster;
  const coordinator = {
    offsetFetch: async () => ({ responses: [{ partitions: partitions.map((at) => committed(at)) }] }),
    async offsetCommit(commit: Commit) {
      if (refusal !== undefined) throw Object.assign(new Error(refusal), { type: refusal });
      commits.push(commit);
    },
  } as unknown as Broker;
  const committed = (at: number) => {
    const known = commits.at(-1)?.topics[0]?.partitions.find(({ partition }) => partition === at);
    return { partition: at, offset: known?.offset ?? '-1', metadata: null };
  };
  const findCoordinator = async (): Promise<Broker> => coordinator;
  return { commits, offsets: new GroupOffsets({ cluster, topic: 't', groupId: 'g', findCoordinator }) };
}

const nextsOf = async (offsets: GroupOffsets): Promise<bigint[]> =>
  [...(await offsets.positions([0, 1])).values()].map(({ next }) => next);

describe('a group that begins behind the last message', () => {
  it('is given its position as by somebody who is no member', async () => {
    const { offsets, commits } = offsetsOf();
    await offsets.settle();
    expect(commits).toMatchObject([{ groupGenerationId: -1, memberId: '' }]);
    expect(await nextsOf(offsets)).toEqual([7n, 40n]);
    await offsets.settle();
    expect(commits).toHaveLength(1);
  });
  it('begins there, too, when it has members in other topics and cannot be given one', async () => {
    const { offsets } = offsetsOf('UNKNOWN_MEMBER_ID');
    await offsets.settle();
    expect(await nextsOf(offsets)).toEqual([7n, 40n]);
  });
  it('is not begun when the position is refused for another reason', async () => {
    await expect(offsetsOf('GROUP_AUTHORIZATION_FAILED').offsets.settle()).rejects.toThrow(
      'GROUP_AUTHORIZATION_FAILED',
    );
  });
});

it('a group that begins at the first message goes on from what there is', async () => {
  expect(await nextsOf(offsetsOf().offsets)).toEqual([5n, 0n]);
});
