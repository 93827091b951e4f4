// gRPC methods that end in every way.
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, defineFunction } from 'bottle-sdk';
import { reasonOf, record } from './seen.ts';

interface Note {
  text: string;
}

const FIRST = { text: 'first' };
const keyOf = (text: string): string => text.split(' ')[1] ?? '';

async function* answersTo(text: string, signal: AbortSignal): AsyncGenerator<object> {
  const [what = ''] = text.split(' ');
  if (what === 'first') throw new Error('the method broke');
  if (what === 'first-late') {
    await delay(300);
    throw new Error('the method broke');
  }
  yield FIRST;
  if (what === 'after') throw new Error('the method broke');
  if (what === 'after-typed') throw new BottleError(Code.ABORTED, 'told-to', 'told to', { cause: new Error('why') });
  if (what === 'wrong') yield { text: 5 };
  if (what === 'open') {
    await delay(10_000, undefined, { signal, ref: false }).catch(() => {});
    record(keyOf(text), `aborted by ${reasonOf(signal.reason)}`);
  }
}

export const down = defineFunction.rpc<Note, object>((ctx, { text }) => {
  if (text !== 'silent') return answersTo(text, ctx.signal);
  const stream = new Readable({ objectMode: true, read() {} });
  stream.push(FIRST);
  setTimeout(() => stream.destroy(), 20);
  return stream;
});

/** Reads all there is, or fails on the way. */
async function take(notes: AsyncIterable<Note>, signal: AbortSignal): Promise<number> {
  let count = 0;
  let key = '';
  try {
    for await (const { text } of notes) {
      count += 1;
      if (count === 1) key = keyOf(text);
      if (text === 'first') throw new Error('the method broke');
    }
    record(key, 'whole');
  } catch (error) {
    record(key, `throws ${reasonOf(error)}${signal.aborted ? ', aborted' : ''}`);
    throw error;
  }
  return count;
}

export const up = defineFunction.rpcStream<Note, object>(async (ctx, notes) => {
  return { text: String(await take(notes, ctx.signal)) };
});

export const both = defineFunction.rpcStream<Note, object>(async function* (ctx, notes) {
  yield FIRST;
  yield { text: String(await take(notes, ctx.signal)) };
});
