// The bytes that `through` stores are those of the table in docs/bottle-sdk.md: read and written here by nothing but that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheClient } from 'bottle-sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ContractTarget, openFake } from '../contracts/target.ts';
import { ROOT } from '../harness/process.ts';

const page = readFileSync(join(ROOT, 'docs/bottle-sdk.md'), 'utf8');
/** Where the version, the time and the value stand: first byte, and the one behind the last. */
const [version, time, value] = [...page.matchAll(/^\| (\d+)(?:–(\d+|…))? \| /gm)].map(([, first, last = first]) => ({
  from: Number(first),
  to: last === '…' ? undefined : Number(last) + 1,
}));
const options = { ttl: 60, local: false } as const;

let target: ContractTarget;
let cache: CacheClient;
let stored: CacheClient<Uint8Array>;
beforeAll(async () => {
  target = await openFake();
  cache = target.bottle.cache('format');
  stored = target.bottle.cache('format', { codec: 'bytes' });
});
afterAll(() => target.close());

/** What another program makes of a key. */
async function readPlain(key: string) {
  const bytes = Uint8Array.from((await stored.get(`through:${key}`)) ?? []);
  const view = new DataView(bytes.buffer);
  return {
    version: bytes.slice(version?.from, version?.to),
    freshUntil: view.getFloat64(time?.from ?? 0, false),
    text: new TextDecoder().decode(bytes.slice(value?.from, value?.to)),
  };
}

it('another program reads a value, and until when it is fresh', async () => {
  const now = Date.now();
  await cache.through('item', () => ({ n: 1 }), options);
  const { version: kind, freshUntil, text } = await readPlain('item');
  expect([...kind]).toEqual([1]);
  expect(JSON.parse(text)).toEqual({ n: 1 });
  expect(freshUntil).toBeGreaterThan(now + 50_000);
  expect(freshUntil).toBeLessThan(now + 61_000);
});

it('another program reads that there is none', async () => {
  await cache.through('none', () => undefined, options);
  const { version: kind, text } = await readPlain('none');
  expect([[...kind], text]).toEqual([[0], '']);
});

it('another program writes a value, as version 0.1.0 did', async () => {
  const written = new Uint8Array(9);
  written[0] = 1;
  new DataView(written.buffer).setFloat64(1, Date.now() + 60_000, false);
  await stored.set('through:theirs', Buffer.concat([written, Buffer.from('{"by":"them"}')]));
  expect(await cache.through('theirs', () => 'loaded', options)).toEqual({ by: 'them' });
});
