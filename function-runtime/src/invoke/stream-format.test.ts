import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BATCHES } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, ResultStream } from './stream-format.ts';
import { isStream } from './stream-items.ts';

const textOf = async (stream: ResultStream): Promise<string> => Buffer.concat(await Array.fromAsync(stream)).toString();
async function* items(...values: unknown[]): AsyncGenerator {
  yield* values;
}

describe('ResultStream', () => {
  it('formats objects by content-type', async () => {
    expect(await textOf(new ResultStream(items({ id: 'a\nb', retry: 1.5, data: 'x\r\ny' }), 'text/event-stream'))).toBe(
      'id: a b\nretry: 1\ndata: x\ndata: y\n\n',
    );
    expect(await textOf(new ResultStream(items({ a: 1 }, { b: 2 }), 'application/x-ndjson'))).toBe(
      '{"a":1}\n{"b":2}\n',
    );
    await expect(textOf(new ResultStream(items({ a: 1 }), undefined))).rejects.toThrow('text/event-stream');
    await expect(textOf(new ResultStream(items({ price: 1 }), 'text/event-stream'))).rejects.toThrow('{ data: … }');
    await expect(textOf(new ResultStream(items(1), undefined))).rejects.toThrow('yielded a number');
  });
  it('takes text and bytes as they are, from every kind of stream', async () => {
    expect(await textOf(new ResultStream(items('a', Buffer.from('b'), new Uint8Array([99])), undefined))).toBe('abc');
    expect(await textOf(new ResultStream(Readable.from(['d', 'e']), undefined))).toBe('de');
    expect(await textOf(new ResultStream(new Blob(['f']).stream(), undefined))).toBe('f');
    expect([isStream(items()), isStream({}), isStream('text'), isStream(null)]).toEqual([true, false, false, false]);
  });
  it('keeps the bytes of an item whose memory the source uses again', async () => {
    const pool = Buffer.alloc(40_000);
    const source = async function* (pieces: readonly (Uint8Array | ArrayBuffer)[]): AsyncGenerator {
      for (const [at, piece] of pieces.entries()) {
        pool.fill(97 + at);
        yield piece;
      }
    };
    const pieces = [pool.subarray(0, 1), pool, pool.buffer, pool.subarray(0, 1)];
    const received = Buffer.concat(await Array.fromAsync(new ResultStream(source(pieces), undefined))).toString();
    expect(received).toBe(`a${'b'.repeat(40_000)}${'c'.repeat(pool.buffer.byteLength)}d`);
  });
  it('ends although the clean-up of its source throws instead of rejecting', () => {
    const unlucky = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 'a' }),
        return: (): never => {
          throw new Error('the clean-up failed');
        },
      }),
    };
    const endings: string[] = [];
    const stream = new ResultStream(unlucky, undefined);
    stream.onEnd = (ending) => endings.push(ending);
    stream.cancel();
    expect(endings).toEqual(['cancelled']);
  });
  it('ends the source when it is cancelled, whether anybody had read or not', async () => {
    const unread = Readable.from(['a']);
    new ResultStream(unread, undefined).cancel();
    expect(unread.destroyed).toBe(true);
    const ended: unknown[] = [];
    const endless = (async function* () {
      try {
        for (;;) yield 'a';
      } finally {
        ended.push(true);
      }
    })();
    const stream = new ResultStream(endless, undefined);
    stream.onEnd = (ending) => ended.push(ending);
    await stream[Symbol.asyncIterator]().next();
    stream.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual(['cancelled', true]);
  });
  it('says once that it has ended', async () => {
    const ends: string[] = [];
    const stream = new ResultStream(items('a'), undefined);
    stream.onEnd = (ending) => ends.push(ending);
    await textOf(stream);
    stream.cancel();
    expect(ends).toEqual(['complete']);
  });
});

describe('the blocks of a ResultStream', () => {
  const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `item number ${id}` }));
  const lines = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;

  it('are a few hundred of a hundred thousand rows, in order', async () => {
    const blocks = await Array.fromAsync(new ResultStream(items(...rows), 'application/x-ndjson'));
    expect(blocks.length).toBeLessThan(300);
    expect(Buffer.concat(blocks).toString()).toBe(lines);
  });
  it('are no larger where the source gives its items in batches, and take no promise for each', async () => {
    let asked = 0;
    const source = {
      [BATCHES]: () => ({
        async next() {
          const batch = rows.slice(asked * 5_000, (asked + 1) * 5_000);
          asked += 1;
          return batch.length > 0 ? { done: false, value: batch } : { done: true, value: undefined };
        },
      }),
      [Symbol.asyncIterator]: (): never => {
        throw new Error('it was to be read in batches');
      },
    };
    const stream = new ResultStream(source, 'application/x-ndjson');
    await stream.begin();
    expect(asked).toBe(1);
    const blocks = await Array.fromAsync(stream);
    expect(asked).toBe(21);
    expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThan(BLOCK_BYTES + 100);
    expect(Buffer.concat(blocks).toString()).toBe(lines);
  });
  it('have what was given in one turn of the event loop, and do not wait for more', async () => {
    const more = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator {
      yield 'one ';
      yield 'two';
      await more.promise;
      yield 'three';
    }
    const reader = new ResultStream(source(), undefined)[Symbol.asyncIterator]();
    const read = async (): Promise<string> => String((await reader.next()).value);
    expect(await read()).toBe('one two');
    more.resolve();
    expect(await read()).toBe('three');
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });
  it('are read no further than one block ahead of a reader that pauses', async () => {
    let given = 0;
    async function* source(): AsyncGenerator {
      for (;;) {
        given += 1;
        yield 'x'.repeat(1_000);
      }
    }
    const stream = new ResultStream(source(), undefined);
    await stream.begin();
    expect(given).toBe(1);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(given).toBeLessThan(3 + (2 * BLOCK_BYTES) / 1_000);
    await reader.return?.();
  });
  it('of what came before a failure are read before it', async () => {
    async function* source(): AsyncGenerator {
      yield 'a';
      yield 'b';
      throw new Error('broken');
    }
    const reader = new ResultStream(source(), undefined)[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toBe('ab');
    await expect(reader.next()).rejects.toThrow('broken');
  });
});

describe('a ResultStream that does not come to its end', () => {
  const broken = new Error('broken');
  async function* never(): AsyncGenerator {
    await new Promise(() => {});
    yield 'never';
  }
  const after = async (stream: ResultStream): Promise<string[]> => {
    const seen: string[] = [];
    try {
      for await (const bytes of stream) seen.push(Buffer.from(bytes).toString());
      return [...seen, 'complete'];
    } catch (error) {
      return [...seen, (error as Error).message];
    }
  };

  it('throws what its source throws, as explained, before the first value already at `begin`', async () => {
    async function* source(...values: string[]): AsyncGenerator {
      yield* values;
      throw broken;
    }
    await expect(new ResultStream(source(), undefined).begin()).rejects.toBe(broken);
    const stream = new ResultStream(source('a'), undefined);
    stream.explain = () => new Error('explained');
    await stream.begin();
    expect(await after(stream)).toEqual(['a', 'explained']);
  });
  it('throws when it is failed, even while its source says nothing', async () => {
    const endings: string[] = [];
    const stream = new ResultStream(never(), undefined);
    stream.onEnd = (ending) => endings.push(ending);
    const seen = after(stream);
    stream.fail(broken);
    expect(await seen).toEqual(['broken']);
    expect(endings).toEqual(['failed']);
    const unread = new ResultStream(items('a'), undefined);
    unread.fail(broken);
    expect(await after(unread)).toEqual(['broken']);
  });
  it('throws for a Readable that was destroyed without an error', async () => {
    const readable = new Readable({ read() {} });
    readable.push('a');
    const stream = new ResultStream(readable, undefined);
    await stream.begin();
    readable.destroy();
    expect(await after(stream)).toEqual(['a', 'Premature close']);
  });
  it('throws instead of bytes beyond the declared length, and at an end before it', async () => {
    const long = new ResultStream(items('abc', 'def'), undefined);
    long.declaredBytes = 4;
    expect(await after(long)).toEqual(['abc', expect.stringContaining('says 4 bytes')]);
    const short = new ResultStream(items('abc'), undefined);
    short.declaredBytes = 4;
    expect(await after(short)).toEqual(['abc', expect.stringContaining('says 4 bytes')]);
  });
  it('begins with an empty first value, and with the end', async () => {
    const flushed = new ResultStream(items('', 'a'), undefined);
    await flushed.begin();
    expect(flushed.isOver).toBe(false);
    const empty = new ResultStream(items(), undefined);
    await empty.begin();
    expect(empty.isOver).toBe(true);
  });
});
