import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallContext } from '../capability.ts';
import { createEmbeddedQueue, type EmbeddedQueue, type EmbeddedQueueOptions } from './embedded-queue.ts';
import type { GroupPosition, QueueConsumer, QueueListener, QueueMessage, QueueSubscription } from './mq-port.ts';

const call = { signal: new AbortController().signal } as CallContext;
const queues: EmbeddedQueue[] = [];
const directories: string[] = [];
const fileOf = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-queue-'));
  directories.push(directory);
  return join(directory, 'queue.sqlite');
};
const open = (options: Partial<EmbeddedQueueOptions> = {}): EmbeddedQueue => {
  const queue = createEmbeddedQueue({ file: ':memory:', partitions: 4, ...options });
  queues.push(queue);
  return queue;
};
const publish = (queue: EmbeddedQueue, texts: readonly string[], more: Partial<QueueMessage> = {}) =>
  queue.publish(
    't',
    texts.map((text) => ({
      key: undefined,
      value: Buffer.from(text),
      headers: [],
      partition: undefined,
      delayMs: 0,
      timestampMs: 1,
      ...more,
    })),
    call,
  );

/** A member that takes everything and commits nothing by itself. */
class Member implements QueueListener {
  readonly partitions = new Map<number, GroupPosition>();
  readonly taken: string[] = [];
  readonly consumer: QueueConsumer;
  room: Promise<void> | undefined;
  handOver: Promise<void> = Promise.resolve();

  constructor(queue: EmbeddedQueue, more: Partial<QueueSubscription> = {}) {
    this.consumer = queue.consume({ topic: 't', group: 'g', fromBeginning: true, ...more }, this);
  }

  assigned(positions: ReadonlyMap<number, GroupPosition>): void {
    for (const [partition, position] of positions) this.partitions.set(partition, position);
  }

  records: QueueListener['records'] = (_partition, records) => {
    this.taken.push(...records.map(({ value }) => value?.toString() ?? ''));
    return this.room;
  };

  async revoked(partitions: readonly number[]): Promise<void> {
    await this.handOver;
    for (const partition of partitions) this.partitions.delete(partition);
  }

  get held(): number[] {
    return [...this.partitions.keys()].toSorted((a, b) => a - b);
  }
}

const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 8_000, interval: 10 });

afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe('consumers of the embedded queue', () => {
  it('get what is there and what comes, partition by partition in order', async () => {
    const queue = open({ partitions: 1 });
    await publish(queue, ['a', 'b']);
    const member = new Member(queue);
    await until(() => expect(member.taken).toEqual(['a', 'b']));
    await publish(queue, ['c']);
    await until(() => expect(member.taken).toEqual(['a', 'b', 'c']));
  });
  it('begin behind the last message when they are to, and only the first time', async () => {
    const queue = open({ partitions: 1 });
    await publish(queue, ['a']);
    const first = new Member(queue, { fromBeginning: false });
    await until(() => expect(first.held).toEqual([0]));
    await first.consumer.close();
    await publish(queue, ['b']);
    const next = new Member(queue, { fromBeginning: false });
    await until(() => expect(next.taken).toEqual(['b']));
  });
  it('go on where the group has committed, and know what it finished beyond', async () => {
    const file = fileOf();
    const before = open({ file, partitions: 1 });
    await publish(before, ['a', 'b', 'c', 'd']);
    const first = new Member(before);
    await until(() => expect(first.taken).toHaveLength(4));
    const position = { next: 1n, ahead: [{ from: 2n, to: 3n }] };
    await first.consumer.commit(new Map([[0, position]]));
    await before.close();
    const member = new Member(open({ file }));
    await until(() => expect(member.taken).toEqual(['b', 'c', 'd']));
    expect(member.partitions.get(0)).toEqual(position);
  });
  it('share the partitions of a file, hand them over when they are done with them, and take over from who leaves', async () => {
    const file = fileOf();
    const [one, other] = [open({ file }), open({ file })];
    const first = new Member(one);
    await until(() => expect(first.held).toEqual([0, 1, 2, 3]));
    const { promise, resolve } = Promise.withResolvers<void>();
    first.handOver = promise;
    const second = new Member(other);
    await delay(1_500);
    expect([first.held, second.held]).toEqual([[0, 1, 2, 3], []]);
    resolve();
    await until(() => expect([first.held.length, second.held.length]).toEqual([2, 2]));
    expect([...first.held, ...second.held].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    await first.consumer.close();
    await until(() => expect(second.held).toEqual([0, 1, 2, 3]));
  });
  it('lose their partitions when they say nothing for long, and cannot commit any more', async () => {
    const file = fileOf();
    const member = new Member(open({ file, partitions: 1 }));
    await until(() => expect(member.held).toEqual([0]));
    using database = new DatabaseSync(file);
    database.exec("UPDATE group_leases SET member = 'somebody'");
    await expect(member.consumer.commit(new Map([[0, { next: 1n, ahead: [] }]]))).rejects.toMatchObject({
      reason: 'partition-revoked',
    });
    await until(() => expect(member.held).toEqual([]));
    expect(database.prepare('SELECT next_offset FROM group_positions').get()).toEqual({ next_offset: 0 });
  });
  it('take over leases of another boot, whatever they say', async () => {
    const file = fileOf();
    const queue = open({ file, partitions: 1 });
    await publish(queue, ['a']);
    using database = new DatabaseSync(file);
    database.exec("INSERT INTO group_leases VALUES ('g', 1, 0, 'before', 9007199254740991)");
    database.exec("INSERT INTO group_members VALUES ('g', 1, 'before', 9007199254740991)");
    const member = new Member(queue);
    await until(() => expect(member.taken).toEqual(['a']));
  });
  it('get no more of a partition while they want none', async () => {
    const queue = open({ partitions: 1 });
    const member = new Member(queue);
    await until(() => expect(member.held).toEqual([0]));
    const { promise, resolve } = Promise.withResolvers<void>();
    member.room = promise;
    await publish(queue, ['a']);
    await publish(queue, ['b']);
    await delay(100);
    expect(member.taken).toEqual(['a']);
    member.room = undefined;
    resolve();
    await until(() => expect(member.taken).toEqual(['a', 'b']));
  });
  it('of different groups all get everything', async () => {
    const queue = open();
    const members = ['g', 'h'].map((group) => new Member(queue, { group }));
    await publish(queue, ['a', 'b', 'c']);
    for (const member of members) await until(() => expect(member.taken.toSorted()).toEqual(['a', 'b', 'c']));
  });
  it('see a delayed message when it is due, behind what was published meanwhile', async () => {
    const queue = open({ partitions: 1 });
    const member = new Member(queue);
    await publish(queue, ['late'], { delayMs: 200 });
    await publish(queue, ['soon']);
    await until(() => expect(member.taken).toEqual(['soon']));
    await until(() => expect(member.taken).toEqual(['soon', 'late']));
    await delay(100);
    expect(member.taken).toHaveLength(2);
  });
  it('keep their unread messages from going; then publishing is refused', async () => {
    const queue = open({ partitions: 1, maxMessages: 3 });
    const member = new Member(queue);
    await publish(queue, ['a', 'b', 'c']);
    await until(() => expect(member.taken).toHaveLength(3));
    await delay(150);
    await expect(publish(queue, ['d'])).rejects.toMatchObject({ reason: 'partition-full', code: 'RESOURCE_EXHAUSTED' });
    await member.consumer.commit(new Map([[0, { next: 3n, ahead: [] }]]));
    await publish(queue, ['d']);
    expect(queue.read('t').map(({ value }) => value?.toString())).toEqual(['b', 'c', 'd']);
  });
  it('are described, read past and moved by operators', async () => {
    const queue = open({ partitions: 2 });
    await publish(queue, ['a', 'b', 'c', 'd']);
    expect(await queue.describe('t', 'g')).toEqual([
      { partition: 0, begin: 0n, end: 2n, position: undefined },
      { partition: 1, begin: 0n, end: 2n, position: undefined },
    ]);
    const records = await queue.browse(
      't',
      new Map([
        [0, 1n],
        [1, 0n],
      ]),
      2,
    );
    expect(records.map(({ value }) => value?.toString())).toEqual(['c', 'b']);
    await queue.reposition('t', 'g', new Map([[1, 1n]]));
    expect((await queue.describe('t', 'g')).map(({ position }) => position)).toEqual([undefined, 1n]);
    expect(await queue.browse('none', new Map([[0, 0n]]), 1)).toEqual([]);
    expect(await queue.describe('none', 'g')).toEqual([]);
  });
});
