import type { GroupPosition, QueueListener } from '@bottle/capabilities';
import type { Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { KafkaConfig } from '../../resources-config.ts';
import { batchOf, sealed } from './testing/kafka-batches.ts';
import { KafkaFetcher } from './kafka-fetcher.ts';

type Say = (fields: object, message: string) => void;

interface Asked {
  topics: { partitions: { partition: number; fetchOffset: string }[] }[];
}

/** A cluster of one broker, which has these batches, by partition and the offset of their first record. */
function clusterOf(batches: ReadonlyMap<number, ReadonlyMap<bigint, Buffer>>): Cluster {
  const answerTo = ({ topics }: Asked): Buffer => {
    const partitions = (topics[0]?.partitions ?? []).map(({ partition, fetchOffset }) => {
      const known = [...(batches.get(partition) ?? [])];
      const set = Buffer.concat(known.flatMap(([base, bytes]) => (base >= BigInt(fetchOffset) ? [bytes] : [])));
      const head = Buffer.alloc(42);
      head.writeInt32BE(partition, 0);
      head.writeBigInt64BE(100n, 6); // where it ends
      head.writeInt32BE(set.length, 38);
      return Buffer.concat([head, set]);
    });
    const head = Buffer.alloc(20);
    head.writeInt32BE(1, 10); // topics
    head.writeInt16BE(0, 14); // the length of its name
    head.writeInt32BE(partitions.length, 16);
    return Buffer.concat([head, ...partitions]);
  };
  const broker = {
    connectionPool: {
      send: (protocol: { asked: Asked; response: { decode(raw: Buffer): unknown } }) =>
        protocol.response.decode(answerTo(protocol.asked)),
    },
    async fetch(this: { connectionPool: { send(protocol: object): unknown } }, asked: Asked) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const offsets = (asked.topics[0]?.partitions ?? []).map(({ fetchOffset }) => Number(fetchOffset));
      if (Math.max(...offsets) > 100) throw Object.assign(new Error('too far'), { type: 'OFFSET_OUT_OF_RANGE' });
      return this.connectionPool.send({ asked, request: { apiVersion: 11 }, response: {} });
    },
  };
  return {
    findBroker: async () => broker,
    findLeaderForPartitions: (_topic: string, partitions: number[]) => ({ 1: partitions }),
    refreshMetadata: async () => {},
  } as unknown as Cluster;
}

describe('a partition with a batch that cannot be read', () => {
  it('stands still before it, alone and loudly, until it is passed over', async () => {
    const bad = await batchOf({ base: 2, records: [{}, {}, {}] });
    bad.writeInt16BE(7, 21); // a compression that nobody knows
    const batches = new Map([
      [0, new Map([[0n, await batchOf({ base: 0 })]])],
      [
        1,
        new Map([
          [0n, await batchOf({ base: 0, records: [{}, {}] })],
          [2n, sealed(bad)],
          [5n, await batchOf({ base: 5 })],
        ]),
      ],
    ]);
    const got: string[] = [];
    const reached = new Map<number, bigint>();
    const listener: QueueListener = {
      assigned: () => {},
      records(partition, records, { next }) {
        got.push(...records.map(({ offset }) => `${partition}:${offset}`));
        reached.set(partition, next);
        return undefined;
      },
      revoked: async () => {},
    };
    const log = { error: vi.fn<Say>(), warn: vi.fn<Say>(), debug: vi.fn<Say>() };
    const position: GroupPosition = { next: 0n, ahead: [] };
    const fetcher = new KafkaFetcher({
      cluster: clusterOf(batches),
      settings: { consumer: { fetchBytes: 1, fetchPartitionBytes: 1, fetchWaitMs: 1 } } as KafkaConfig,
      topic: 'orders',
      positions: new Map([
        [0, position],
        [1, position],
      ]),
      listener,
      log: log as unknown as Logger,
      bounds: async () => ({ begin: 0n, end: 100n }),
    });
    fetcher.start();
    await vi.waitFor(() => expect([...fetcher.broken.keys()]).toEqual([1]));
    batches.get(0)?.set(1n, await batchOf({ base: 1 }));
    await vi.waitFor(() => expect(got.toSorted()).toEqual(['0:0', '0:1', '1:0', '1:1']));
    expect(reached.get(1)).toBe(2n);
    expect(fetcher.broken.get(1)).toEqual({ offset: 2n, next: 5n, reason: expect.stringContaining('not known (7)') });
    expect(log.error.mock.calls).toEqual([
      [expect.objectContaining({ topic: 'orders', partition: 1, offset: '2', next: '5' }), expect.any(String)],
    ]);
    expect([fetcher.skip(1, 0n), fetcher.skip(0, 2n), fetcher.skip(1, 2n)]).toEqual([false, false, true]);
    await vi.waitFor(() => expect(got).toContain('1:5'));
    expect([fetcher.broken.size, reached.get(1)]).toEqual([0, 6n]);
    fetcher.stop();
  });
});

describe('a partition that has begun anew', () => {
  it('is given to its listener anew: offsets that it knew are those of other messages', async () => {
    const said: string[] = [];
    const listener: QueueListener = {
      assigned: (positions) =>
        void said.push(`assigned ${[...positions].map(([at, { next }]) => `${at}:${next}`).join()}`),
      records: (partition, records) => void said.push(...records.map(({ offset }) => `${partition}:${offset}`)),
      revoked: async (partitions) => void said.push(`revoked ${partitions.join()}`),
    };
    const fetcher = new KafkaFetcher({
      cluster: clusterOf(new Map([[0, new Map([[0n, await batchOf({ base: 0 })]])]])),
      settings: { consumer: { fetchBytes: 1, fetchPartitionBytes: 1, fetchWaitMs: 1 } } as KafkaConfig,
      topic: 'orders',
      positions: new Map([[0, { next: 143n, ahead: [] }]]),
      listener,
      log: { error: vi.fn<Say>(), warn: vi.fn<Say>(), debug: vi.fn<Say>() } as unknown as Logger,
      bounds: async () => ({ begin: 0n, end: 0n }),
    });
    fetcher.start();
    await vi.waitFor(() => expect(said).toEqual(['revoked 0', 'assigned 0:0', '0:0']));
    fetcher.stop();
  });
});
