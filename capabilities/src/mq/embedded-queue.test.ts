import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '../capability.ts';
import { createEmbeddedQueue, type EmbeddedQueueOptions } from './embedded-queue.ts';
import type { QueueMessage } from './mq-port.ts';

const directories: string[] = [];
const fileOf = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-queue-'));
  directories.push(directory);
  return join(directory, 'below', 'queue.sqlite');
};
const callWith = (signal: AbortSignal): CallContext => ({ signal }) as CallContext;
const call = callWith(new AbortController().signal);
const messageOf = (text: string, more: Partial<QueueMessage> = {}): QueueMessage => ({
  key: undefined,
  value: Buffer.from(text),
  headers: [],
  partition: undefined,
  delayMs: 0,
  timestampMs: 1,
  ...more,
});
const open = (options: Partial<EmbeddedQueueOptions> = {}) => createEmbeddedQueue({ file: ':memory:', ...options });

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe('the embedded queue', () => {
  it('gives partitions in turn, and offsets without gaps', async () => {
    const queue = open({ partitions: 2 });
    const receipts = await queue.publish(
      't',
      ['a', 'b', 'c', 'd'].map((text) => messageOf(text)),
      call,
    );
    expect(receipts).toEqual([
      { partition: 0, offset: 0n },
      { partition: 1, offset: 0n },
      { partition: 0, offset: 1n },
      { partition: 1, offset: 1n },
    ]);
    await queue.close();
  });

  it('keeps messages and offsets when it is opened again, with the partitions that a topic began with', async () => {
    const file = fileOf();
    const before = open({ file, partitions: 1 });
    await before.publish('t', [messageOf('a')], call);
    await before.close();
    const after = open({ file, partitions: 8 });
    expect(await after.publish('t', [messageOf('b')], call)).toEqual([{ partition: 0, offset: 1n }]);
    expect(after.read('t').map(({ value }) => value?.toString())).toEqual(['a', 'b']);
    await after.close();
  });

  it('lets two processes write to one file', async () => {
    const file = fileOf();
    const one = open({ file, partitions: 1 });
    const other = open({ file, partitions: 1 });
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? one : other).publish('t', [messageOf(String(at))], call)),
    );
    expect(new Set(receipts.flat().map(({ offset }) => offset)).size).toBe(50);
    await one.close();
    await other.close();
  });

  it('refuses a partition that there is not, and nothing beside it', async () => {
    const queue = open({ partitions: 2 });
    const [refused, stored] = await Promise.allSettled([
      queue.publish('t', [messageOf('a', { partition: 1 }), messageOf('b', { partition: 2 })], call),
      queue.publish('t', [messageOf('c')], call),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { reason: 'no-partition' } });
    expect(stored.status).toBe('fulfilled');
    expect(queue.read('t').map(({ value }) => value?.toString())).toEqual(['c']);
    await queue.close();
  });

  it('does not store what nobody waits for any more', async () => {
    const queue = open();
    const controller = new AbortController();
    const publishing = queue.publish('t', [messageOf('a')], callWith(controller.signal));
    controller.abort(new Error('left'));
    await expect(publishing).rejects.toThrow('left');
    expect(queue.read('t')).toEqual([]);
    await queue.close();
  });

  it('drops the oldest messages of a partition beyond its bound', async () => {
    const queue = open({ partitions: 1, maxMessages: 3 });
    for (const text of 'abcde') await queue.publish('t', [messageOf(text)], call);
    expect(queue.read('t').map(({ value, offset }) => `${value?.toString()}${offset}`)).toEqual(['c2', 'd3', 'e4']);
    await queue.close();
  });

  it('stores what was published before it closes, and refuses what comes after', async () => {
    const file = fileOf();
    const queue = open({ file });
    const publishing = queue.publish('t', [messageOf('a')], call);
    await queue.close();
    await publishing;
    await expect(queue.publish('t', [messageOf('b')], call)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const after = open({ file });
    expect(after.read('t')).toHaveLength(1);
    await after.close();
  });
});
