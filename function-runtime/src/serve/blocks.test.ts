import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairTurns, WriteFlow } from '@bottle/protos';
import { expect, it } from 'vitest';
import { Blocks } from './blocks.ts';

function create(write: (block: Buffer) => boolean, stream = new Writable(), turns = new FairTurns(1)): Blocks {
  return new Blocks({ write, flow: new WriteFlow(stream), turns });
}

it('sends a hundred thousand rows as a few hundred blocks, in order', async () => {
  const sent: string[] = [];
  const blocks = create((block) => {
    sent.push(block.toString());
    return true;
  });
  const rows = Array.from({ length: 100_000 }, (_, at) => `{"id":${at},"name":"item number ${at}"}\n`);
  for (const row of rows) await blocks.add(Buffer.from(row));
  blocks.flush();
  expect(sent.length).toBeLessThan(500);
  expect(sent.join('')).toBe(rows.join(''));
});

it('sends what was written in a turn at the end of it, without waiting for more', async () => {
  const sent: string[] = [];
  const blocks = create((block) => {
    sent.push(block.toString());
    return true;
  });
  void blocks.add(Buffer.from('one '));
  void blocks.add(Buffer.from('two'));
  expect(sent).toEqual([]);
  await nextTurn();
  expect(sent).toEqual(['one two']);
});

it('makes the writer wait when the other side is slow', async () => {
  const stream = new Writable({ highWaterMark: 10, write: () => {} });
  const blocks = create((block) => stream.write(block), stream);
  const room = blocks.add(Buffer.alloc(100_000));
  let isFree = false;
  void room?.then(() => (isFree = true));
  await nextTurn();
  await nextTurn();
  expect(isFree).toBe(false);
  stream.destroy();
  await room;
});

it('gives every stream its turn', async () => {
  const turns = new FairTurns(1);
  const order: string[] = [];
  const writeAll = async (name: string): Promise<void> => {
    const blocks = create(() => order.push(name) > 0, new Writable(), turns);
    for (let at = 0; at < 3; at++) await blocks.add(Buffer.alloc(100_000));
  };
  await Promise.all(['a', 'b', 'c'].map(writeAll));
  expect(order.join('')).toBe('abcabcabc');
});
