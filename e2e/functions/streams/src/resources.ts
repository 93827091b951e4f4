// Streams of bottle calls, and what a function sees of their endings.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BidiStreamClient,
  bottle,
  type ClientStreamClient,
  defineFunction,
  type FaaSHttpContext,
  type ServerStreamClient,
  withScope,
} from 'bottle-sdk';
import { reasonOf, record } from './seen.ts';

interface Note {
  text: string;
}
interface Endings {
  down: ServerStreamClient<Note, Note>;
  up: ClientStreamClient<Note, Note>;
  both: BidiStreamClient<Note, Note>;
}

const SOURCE = { file: new URL('../protos/endings.proto', import.meta.url), service: 'endings.v1.Endings' };
/** Overflows after many rows: the first have been sent by then. */
const BREAKS = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
  select case when i = 5000 then abs(-9223372036854775807 - 1) else i end as i from n`;
const NUMBERS = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i from n`;
const ENDLESS = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000) select i from n`;

const peer = (): Readonly<Endings> => bottle.rpc.proto<Endings>('peer', SOURCE);
const up = (path: string, init?: Parameters<ReturnType<typeof bottle.http>['fetch']>[1]): Promise<Response> =>
  bottle.http('up').fetch(path, init);

/** Numbers are pauses in milliseconds. */
async function* notes(...texts: (string | number | Error)[]): AsyncGenerator<Note> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    if (typeof text === 'number') {
      await delay(text, undefined, { ref: false });
      continue;
    }
    yield { text };
    await delay(20, undefined, { ref: false });
  }
}
async function* bytes(...texts: (string | Error)[]): AsyncGenerator<string> {
  for await (const { text } of notes(...texts)) yield text;
}
const broken = (): Error => new Error('the source broke');

/** Reads all there is; `limit` leaves before. */
async function count(
  items: AsyncIterable<unknown>,
  limit = Number.POSITIVE_INFINITY,
  hasFirst = false,
): Promise<string> {
  let taken = hasFirst ? 1 : 0;
  try {
    const iterator = items[Symbol.asyncIterator]();
    while (!(await iterator.next()).done) {
      taken += 1;
      if (taken < limit) continue;
      await iterator.return?.();
      return `${taken}, left`;
    }
    return `${taken}, whole`;
  } catch (error) {
    return `${taken === 0 ? 'none' : 'some'}, throws ${reasonOf(error)}`;
  }
}

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => String(value),
    (error: unknown) => `throws ${reasonOf(error)}`,
  );
const textOf = async (path: string): Promise<string> => outcomeOf(up(path).then((response) => response.text()));

/** Runs code that belongs to no invocation. */
const outside = AsyncLocalStorage.snapshot();

/** Reads on when the invocation is over, and leaves under the key how that ended. Answers when it has begun. */
async function inBackground(
  key: string,
  open: () => Promise<AsyncIterable<unknown>>,
  waitsForFirst: boolean,
): Promise<string> {
  const begun = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    const items = await open();
    const iterator = items[Symbol.asyncIterator]();
    if (waitsForFirst) await iterator.next();
    begun.resolve();
    record(key, await count({ [Symbol.asyncIterator]: () => iterator }, Number.POSITIVE_INFINITY, waitsForFirst));
  };
  outside(() => withScope({ timeout: '10s' }, read)).catch(begun.reject);
  await begun.promise;
  return 'first';
}

const KINDS: Record<string, (ctx: FaaSHttpContext) => unknown> = {
  'rows-good': () => count(bottle.db('shop').stream(NUMBERS)),
  'rows-first': () => count(bottle.db('shop').stream('select nothing from nowhere')),
  'rows-after': () => count(bottle.db('shop').stream(BREAKS)),
  'rows-left': () => count(bottle.db('shop').stream(NUMBERS), 2),
  'rows-returned': (ctx) => {
    ctx.type = 'application/x-ndjson';
    return bottle.db('shop').stream(BREAKS);
  },
  'rows-open': (ctx) => inBackground(String(ctx.query['key']), async () => bottle.db('shop').stream(ENDLESS), true),
  'subscription-left': async () => {
    const messages = await bottle.cache('sessions').subscribe('news');
    await bottle.cache('sessions').publish('news', 'x');
    return count(messages, 1);
  },
  'subscription-open': (ctx) =>
    inBackground(String(ctx.query['key']), () => bottle.cache('sessions').subscribe('news'), false),
  'fetch-good': () => textOf('/good'),
  'fetch-first': () => textOf('/cut-first'),
  'fetch-after': () => textOf('/cut-after'),
  'fetch-short': () => textOf('/short'),
  'fetch-gzip': () => textOf('/gzip-cut'),
  'fetch-returned-good': () => up('/good'),
  'fetch-returned-gzip': () => up('/gzip'),
  'fetch-returned-first': () => up('/cut-first-byte'),
  'fetch-returned': () => up('/cut-after'),
  'fetch-left': () => up('/endless').then((response) => count(response.body as AsyncIterable<unknown>, 1)),
  'send-good': () => outcomeOf(up('/take', { method: 'POST', body: bytes('a', 'b') }).then((taken) => taken.text())),
  'send-source': () => outcomeOf(up('/take', { method: 'POST', body: bytes('a', broken()) })),
  'send-peer': () => outcomeOf(up('/cut-upload', { method: 'POST', body: bytes('a', 'b', 'c', 'd', 'e') })),
  'down-first': () => count(peer().down({ text: 'first' })),
  'down-after': () => count(peer().down({ text: 'after' })),
  'down-lost': () => count(peer().down({ text: 'lost' })),
  'down-left': () => count(peer().down({ text: 'open' }), 1),
  'up-good': () =>
    outcomeOf(
      peer()
        .up(notes('a', 'b'))
        .then(({ text }) => text),
    ),
  'up-source': () => outcomeOf(peer().up(notes('a', broken()))),
  'up-peer': () => outcomeOf(peer().up(notes('first', 'b', 'c'))),
  'both-source': () => count(peer().both(notes('a', 300, broken()))),
  'both-peer': () => count(peer().both(notes('a', 'first', 'c'))),
  'both-left': () => count(peer().both(notes('a', 'b', 'c')), 1),
};

export const resource = defineFunction.http((ctx) => KINDS[ctx.params['kind'] ?? '']?.(ctx));
