import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ResultStream } from './stream-format.ts';
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
    await expect(textOf(new ResultStream(items(1), undefined))).rejects.toThrow('yielded a number');
  });
  it('takes text and bytes as they are, from every kind of stream', async () => {
    expect(await textOf(new ResultStream(items('a', Buffer.from('b'), new Uint8Array([99])), undefined))).toBe('abc');
    expect(await textOf(new ResultStream(Readable.from(['d', 'e']), undefined))).toBe('de');
    expect(await textOf(new ResultStream(new Blob(['f']).stream(), undefined))).toBe('f');
    expect([isStream(items()), isStream({}), isStream('text'), isStream(null)]).toEqual([true, false, false, false]);
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
