import { setTimeout as delay } from 'node:timers/promises';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { BottleError, Code, defineFunction } from 'bottle-sdk';

interface Item {
  itemId: string;
  count: string;
  picture: Buffer;
  tags: string[];
}

/** What became of the streams, by their keys. */
const streams = new Map<string, string>();

export const echo = defineFunction.rpc<Item, object>((_ctx, item) => item);

/** What an invocation knows of its call; it answers with metadata of its own. */
export const facts = defineFunction.rpc<Item, object>((ctx) => {
  const { rpc } = ctx;
  rpc.setMetadata('x-head', ['one', 'two']);
  rpc.setMetadata('x-head-bin', Buffer.from([0, 255]));
  rpc.setTrailer('x-tail', 'last');
  const metadata = Object.fromEntries([...rpc.metadata].map(([name, values]) => [name, values.map(shown).join('|')]));
  const { service, method, peer } = rpc;
  const { trigger, traceparent, baggage } = ctx;
  const remainingMs = ctx.deadline - Date.now();
  return { service, method, peer, trigger, traceparent, baggage, remainingMs, metadata, pid: process.pid };
});

function shown(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('hex');
}

/** A schema as any validator has them. */
const action: StandardSchemaV1<{ what: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const { what } = value as { what: string };
      if (what !== '') return { value: { what } };
      return { issues: [{ path: ['what'], message: 'must say something' }] };
    },
  },
};

/** Does what it is told. */
export const act = defineFunction.rpc({ input: action }, async (ctx, { what }): Promise<unknown> => {
  const [verb, argument = ''] = what.split(' ');
  if (verb === 'fail') {
    ctx.rpc.setTrailer('x-tail', 'after the error');
    throw new BottleError(argument as Code, 'told-to', `told to: ${argument} – ünïcode`, {
      details: { left: 3, item: 'lamp', retryAfterSec: 2 },
    });
  }
  if (verb === 'throw') throw new Error('a secret');
  if (verb === 'wrong') return { what: 'no such field' };
  if (verb === 'nothing') return undefined;
  if (verb === 'type') return { itemId: 'x', count: 'many' };
  if (verb === 'die') process.exit(1);
  if (verb === 'sleep') await delay(Number(argument));
  if (verb === 'large') return { picture: Buffer.alloc(Number(argument), 7) };
  if (verb === 'hang') {
    streams.set('hang', 'running');
    await new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => {
        streams.set('hang', 'aborted');
        reject(ctx.signal.reason as Error);
      });
    });
  }
  return { itemId: what };
});

interface ListRequest {
  count: number;
  bytes: number;
  pauseMs: number;
  how: string;
  key: string;
}

/** So many items; tells `seen` how far it got. */
export const list = defineFunction.rpc<ListRequest>((ctx, { count, bytes, pauseMs, how, key }) => {
  if (how === 'array') return Array.from({ length: count }, (_, at) => ({ itemId: String(at) }));
  if (how === 'refuse') throw new BottleError(Code.PERMISSION_DENIED, 'told-to', 'not for you');
  if (how === 'late') ctx.rpc.sendMetadata();
  const picture = Buffer.alloc(bytes, 1);
  async function* items(): AsyncGenerator {
    let sent = 0;
    let outcome = 'left';
    ctx.rpc.setTrailer('x-count', String(count));
    try {
      for (; sent < count; sent++) {
        streams.set(key, `sent ${sent}`);
        if (pauseMs > 0) await delay(pauseMs, undefined, { signal: ctx.signal });
        yield { itemId: String(sent), picture };
      }
      if (how === 'fail') throw new BottleError(Code.DATA_LOSS, 'told-to', 'half of it is gone');
      if (how === 'throw') throw new Error('a secret');
      if (how === 'wrong') yield { nothing: 'of this' };
      outcome = 'done';
    } finally {
      streams.set(key, `${outcome} ${ctx.signal.aborted ? 'aborted ' : ''}after ${sent}`);
    }
  }
  return items();
});

export const sum = defineFunction.rpcStream<Item, object>(async (_ctx, items) => {
  let count = 0;
  let bytes = 0;
  for await (const item of items) {
    if (item.itemId === 'enough') return { itemId: 'early', count };
    count += Number(item.count);
    bytes += item.picture.length;
  }
  return { itemId: String(bytes), count };
});

export const chat = defineFunction.rpcStream<Item>(async function* (_ctx, items) {
  for await (const item of items) {
    if (item.itemId === 'fail') throw new BottleError(Code.ABORTED, 'told-to', 'no more of this');
    yield { ...item, itemId: `re: ${item.itemId}` };
  }
});

export const seen = defineFunction.rpc(() => ({
  streams: Object.fromEntries(streams),
  rssBytes: process.memoryUsage.rss(),
}));
