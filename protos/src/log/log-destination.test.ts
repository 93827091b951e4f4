import { expect, it } from 'vitest';
import { LogDestination } from './log-destination.ts';

const ID = 'ab'.repeat(16);
const line = (text: string): string => `{"invocationId":"${ID}","msg":"${text}"}\n`;

/** A reader that takes so many bytes each time that it is asked. */
function readerOf(bytesPerTurn: () => number) {
  const taken: Buffer[] = [];
  const write = (_fd: number, bytes: Buffer, offset: number): number => {
    const most = bytesPerTurn();
    if (most === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    const piece = bytes.subarray(offset, offset + most);
    taken.push(Buffer.from(piece)); // its memory is used again
    return piece.length;
  };
  return { write, text: () => Buffer.concat(taken).toString() };
}

const flushed = (log: LogDestination): Promise<void> => new Promise((resolve) => log.flush(resolve));

it('writes everything, in order and whole, however little the reader takes at once', async () => {
  let turn = 0;
  const { write, text } = readerOf(() => (turn++ % 3 === 0 ? 0 : 700));
  const log = new LogDestination({ fd: 1, process: 'test', write });
  const lines = Array.from({ length: 2_000 }, (_, at) => line(`ä ${at}`));
  for (const each of lines) log.write(each);
  await flushed(log);
  expect(text()).toBe(lines.join(''));
  expect(log.droppedLines).toBe(0);
});

it('holds up whoever logs more than waits, as long as the reader reads', async () => {
  let turn = 0;
  const { write, text } = readerOf(() => (turn++ % 2 === 0 ? 0 : 60_000));
  const log = new LogDestination({ fd: 1, process: 'test', write, maxBytes: 100_000, patienceMs: 1_000 });
  const lines = Array.from({ length: 20_000 }, (_, at) => line(String(at)));
  for (const each of lines) log.write(each);
  await flushed(log);
  expect(text()).toBe(lines.join(''));
});

it('drops what finds no room after a while, and tells how much of which invocation', async () => {
  let isReading = false;
  const { write, text } = readerOf(() => (isReading ? 60_000 : 0));
  const log = new LogDestination({ fd: 1, process: 'test', write, maxBytes: 10_000, patienceMs: 50 });
  const startedAt = performance.now();
  for (let at = 0; at < 50_000; at++) log.write(line(String(at)));
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  isReading = true;
  await flushed(log);
  await flushed(log);
  const kept = text().split('\n').filter(Boolean);
  const told = JSON.parse(kept.at(-1) ?? '') as Record<string, unknown>;
  expect(told).toMatchObject({ invocationId: ID, dropped: 50_000 - (kept.length - 1), process: 'test' });
  expect(told['msg']).toContain(`${String(told['dropped'])} lines dropped`);
  expect(log.droppedLines).toBe(told['dropped']);
});

it.each(['EPIPE', 'ENOSPC', 'EIO', 'EBADF'])(
  'counts what %s takes, and tells it when it can write again',
  async (code) => {
    const { write, text } = readerOf(() => 60_000);
    let isFailing = true;
    const log = new LogDestination({
      fd: 1,
      process: 'test',
      write: (...args) => {
        if (isFailing) throw Object.assign(new Error('no'), { code });
        return write(...args);
      },
    });
    for (let at = 0; at < 10_000; at++) log.write(line(String(at)));
    await flushed(log);
    expect(log.droppedLines).toBe(10_000);
    isFailing = false;
    log.write(line('again'));
    await flushed(log);
    await flushed(log);
    const [again, told, ...more] = text().split('\n').filter(Boolean);
    expect(again).toBe(line('again').trim());
    expect(JSON.parse(told ?? '')).toMatchObject({ dropped: 10_000, process: 'test' });
    expect(more).toEqual([]);
  },
);
