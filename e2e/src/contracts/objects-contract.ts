import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectsClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

/** What a case needs. */
export interface Given {
  target(): ContractTarget;
  objects(): ObjectsClient;
  /** A key that nobody else uses. */
  fresh(): string;
}

export interface ObjectsContractOptions {
  /** A key may be the beginning of another one's path, as in Amazon's S3. @default true */
  hasNestedKeys?: boolean;
  /** What this driver does in its own way: more cases. */
  also: ((given: Given) => void)[];
}

const MIB = 1024 * 1024;

/** What every objects driver does, seen through the SDK. */
export function describeObjectsContract(
  title: string,
  open: () => Promise<ContractTarget>,
  { hasNestedKeys = true, also }: ObjectsContractOptions,
): void {
  describe(`objects contract: ${title}`, () => {
    let target: ContractTarget;
    let objects: ObjectsClient;
    let unique = 0;
    const fresh = (): string => `o/${process.pid}-${Date.now()}-${(unique += 1)}`;
    const keysBelow = async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of objects.all({ prefix })) keys.push(key);
      return keys;
    };
    beforeAll(async () => {
      target = await open();
      objects = target.bottle.objects('contract');
    });
    afterAll(() => target?.close());

    describe('an object', () => {
      it('is what was put, with all that was said of it', async () => {
        const key = fresh();
        const before = Date.now() - 2_000; // stores have their own clocks, to the second
        const stored = await objects.put(key, 'grüße', {
          contentType: 'image/svg+xml',
          metadata: { Owner: 'ada', 'x-1': '' },
        });
        expect(stored).toMatchObject({
          key,
          size: 7,
          contentType: 'image/svg+xml',
          metadata: { owner: 'ada' },
        });
        const got = await objects.get(key);
        expect(got).toMatchObject({ key, size: 7, etag: stored.etag, contentType: 'image/svg+xml' });
        expect(got.metadata['owner']).toBe('ada');
        expect(got.range).toEqual({ start: 0, length: 7 });
        expect(await got.text()).toBe('grüße');
        expect(got.etag).toMatch(/^".+"$/);
        expect(got.lastModified.getTime()).toBeGreaterThan(before);
        expect(await objects.head(key)).toMatchObject({ key, size: 7, etag: stored.etag, metadata: got.metadata });
      });
      it('may be empty, bytes, JSON, a Blob or a stream', async () => {
        const key = fresh();
        for (const [body, text] of [
          ['', ''],
          [new Uint8Array([97, 98]).subarray(1), 'b'],
          [new Uint8Array([99]).buffer, 'c'],
          [new Blob(['bl', 'ob']), 'blob'],
          [Readable.from(['no', 'de']), 'node'],
          [new Response('web').body ?? '', 'web'],
        ] as const) {
          await objects.put(key, body);
          expect(await (await objects.get(key)).text()).toBe(text);
        }
        await objects.put(key, JSON.stringify({ a: 1 }));
        const got = await objects.get(key);
        expect(got.contentType).toBe('application/octet-stream');
        expect(await got.json()).toEqual({ a: 1 });
      });
      it('is replaced whole, and has another ETag then', async () => {
        const key = fresh();
        const first = await objects.put(key, 'one', { metadata: { a: 'b' } });
        const second = await objects.put(key, 'other');
        expect(second.etag).not.toBe(first.etag);
        expect(await objects.head(key)).toMatchObject({ size: 5, metadata: {} });
      });
      it('is not there before, and not after its removal, which may be repeated', async () => {
        const key = fresh();
        const missing = { code: 'NOT_FOUND', reason: 'no-object', details: { key } };
        await expect(objects.get(key)).rejects.toMatchObject(missing);
        expect(await objects.head(key)).toBeUndefined();
        await objects.put(key, 'x');
        await objects.delete(key);
        await objects.delete(key);
        await expect(objects.get(key)).rejects.toMatchObject(missing);
      });
      it('may be made once: who wants it new later is refused', async () => {
        const key = fresh();
        await objects.put(key, 'first', { ifAbsent: true });
        const refused = { code: 'ALREADY_EXISTS', reason: 'object-exists', details: { key } };
        await expect(objects.put(key, 'late', { ifAbsent: true })).rejects.toMatchObject(refused);
        expect(await (await objects.get(key)).text()).toBe('first');
      });
      it('may be called anything that leads nowhere else', async () => {
        const base = fresh();
        for (const name of [
          "a b+c'(1)%2e%?#&=",
          'ü漢😀',
          '...',
          '..x',
          '.hidden',
          'a\\b',
          '__proto__',
          'x'.repeat(200),
        ]) {
          const key = `${base}/${name}`;
          await objects.put(key, name);
          expect(await (await objects.get(key)).text()).toBe(name);
          expect((await objects.head(key))?.key).toBe(key);
        }
        expect(await keysBelow(`${base}/`)).toHaveLength(8);
      });
      it('is refused under a key that could lead elsewhere', async () => {
        const refused = { code: 'INVALID_ARGUMENT', reason: 'bad-key' };
        for (const key of [
          '',
          '/',
          '/a',
          'a/',
          'a//b',
          '.',
          '..',
          '../a',
          'a/../b',
          'a/..',
          './a',
          'a\u0000',
          'a\nb',
          'ü'.repeat(513),
        ]) {
          await expect(objects.put(key, 'x')).rejects.toMatchObject(refused);
          await expect(objects.get(key)).rejects.toMatchObject(refused);
          await expect(objects.head(key)).rejects.toMatchObject(refused);
          await expect(objects.delete(key)).rejects.toMatchObject(refused);
        }
      });
      it('is refused under half a character: two keys would be one', async () => {
        for (const key of ['\ud800', 'a/\udc00b'])
          await expect(objects.put(key, 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'bad-key' });
      });
      it('of another size than was said is refused, whatever its body, and nothing is stored', async () => {
        const key = fresh();
        for (const size of [5, 2, -1, Number.NaN, 1.5]) {
          const put = objects.put(key, 'abc', { size });
          await expect(put).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'bad-frames' });
        }
        expect(await objects.head(key)).toBeUndefined();
        expect(await objects.put(key, 'abc', { size: 3 })).toMatchObject({ size: 3 });
      });
      it('is refused with what no header can carry', async () => {
        const refused = { code: 'INVALID_ARGUMENT', reason: 'bad-metadata' };
        for (const metadata of [
          { 'a b': 'x' },
          { a: 'ü' },
          { a: 'x\r\ny: z' },
          { a: ' x' },
          { a: 'x'.repeat(2_100) },
          { '': 'x' },
        ])
          await expect(objects.put(fresh(), 'x', { metadata })).rejects.toMatchObject(refused);
        await expect(objects.put(fresh(), 'x', { contentType: 'a\nb' })).rejects.toMatchObject(refused);
        await expect(objects.put(fresh(), 5 as never)).rejects.toMatchObject({ reason: 'bad-body' });
      });
    });

    describe('a part of an object', () => {
      it('is what a range names', async () => {
        const key = fresh();
        await objects.put(key, '0123456789');
        for (const [range, text, start] of [
          [{ start: 0, end: 0 }, '0', 0],
          [{ start: 2, end: 4 }, '234', 2],
          [{ start: 7 }, '789', 7],
          [{ start: 7, end: 1_000 }, '789', 7],
          [{ last: 3 }, '789', 7],
          [{ last: 100 }, '0123456789', 0],
        ] as const) {
          const got = await objects.get(key, { range });
          expect(got).toMatchObject({ size: 10, range: { start, length: text.length } });
          expect(await got.text()).toBe(text);
        }
      });
      it('that is not there is OUT_OF_RANGE', async () => {
        const key = fresh();
        await objects.put(key, '0123456789');
        const refused = { code: 'OUT_OF_RANGE', reason: 'bad-range' };
        for (const range of [{ start: 10 }, { start: -1 }, { start: 1.5 }, { start: 0, end: Number.NaN }, { last: -2 }])
          await expect(objects.get(key, { range })).rejects.toMatchObject(refused);
        await expect(objects.get(fresh(), { range: { start: 10 } })).rejects.toMatchObject({ reason: 'no-object' });
      });
    });

    describe('a list', () => {
      it('has what begins with the prefix, in order, in pages as large as asked for', async () => {
        const base = fresh();
        const names = ['a', 'a/b', 'ab', 'b/1', 'b/2', 'c'].filter((name) => hasNestedKeys || name !== 'a');
        for (const name of names.toReversed()) await objects.put(`${base}/${name}`, name);
        expect(await keysBelow(`${base}/`)).toEqual(names.map((name) => `${base}/${name}`));
        expect(await keysBelow(`${base}/b/`)).toEqual([`${base}/b/1`, `${base}/b/2`]);
        expect(await keysBelow(`${base}/nothing`)).toEqual([]);
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await objects.list({
            prefix: `${base}/`,
            limit: 2,
            ...(cursor === undefined ? {} : { cursor }),
          });
          expect(page.objects.length).toBeLessThanOrEqual(2);
          seen.push(...page.objects.map(({ key }) => key.slice(base.length + 1)));
          ({ cursor } = page);
          pages += 1;
        } while (cursor !== undefined);
        expect([seen, pages]).toEqual([names, 3]);
        const [first] = (await objects.list({ prefix: `${base}/` })).objects;
        expect(first).toMatchObject({
          size: names[0]?.length,
          etag: (await objects.head(`${base}/${names[0]}`))?.etag,
        });
      });
      it('goes on where it was when objects come and go meanwhile', async () => {
        const base = fresh();
        for (const name of ['1', '2', '3', '4']) await objects.put(`${base}/${name}`, name);
        const page = await objects.list({ prefix: `${base}/`, limit: 2 });
        await objects.delete(`${base}/2`);
        await objects.delete(`${base}/3`);
        await objects.put(`${base}/0`, '0');
        const next = await objects.list({ prefix: `${base}/`, cursor: page.cursor ?? '' });
        expect(next.objects.map(({ key }) => key)).toEqual([`${base}/4`]);
      });
    });

    describe('a large body', () => {
      const SIZE = 24 * MIB + 12_345;
      async function* pieces(hash: { update(bytes: Uint8Array): unknown }): AsyncGenerator<Uint8Array> {
        for (let left = SIZE; left > 0; ) {
          const piece = randomBytes(Math.min(left, 300_000));
          hash.update(piece);
          left -= piece.length;
          yield piece;
        }
      }
      it('streams both ways, whether its size is known or not', async () => {
        for (const size of [undefined, SIZE]) {
          const key = fresh();
          const sent = createHash('sha256');
          const stored = await objects.put(key, pieces(sent), {
            metadata: { a: 'b' },
            ...(size === undefined ? {} : { size }),
          });
          expect(stored.size).toBe(SIZE);
          const got = await objects.get(key);
          expect(got).toMatchObject({ size: SIZE, metadata: { a: 'b' } });
          const received = createHash('sha256');
          for await (const chunk of got.body) received.update(chunk);
          expect(received.digest('hex')).toBe(sent.digest('hex'));
          expect((await (await objects.get(key, { range: { start: SIZE - 5 } })).bytes()).length).toBe(5);
          await objects.delete(key);
        }
      });
      it('of another size than was said is refused, and nothing is stored', async () => {
        for (const size of [SIZE + 1, 100]) {
          const key = fresh();
          const put = objects.put(key, pieces({ update() {} }), { size });
          await expect(put).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'bad-frames' });
          expect(await objects.head(key)).toBeUndefined();
        }
      });
      it('whose source fails fails with that, and what was there before stays', async () => {
        const key = fresh();
        await objects.put(key, 'before');
        async function* failing(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < 8; at++) yield Buffer.alloc(MIB);
          throw new RangeError('the source broke');
        }
        await expect(objects.put(key, failing())).rejects.toThrow('the source broke');
        expect(await (await objects.get(key)).text()).toBe('before');
      });
      it('that is given up in the middle stores nothing, and its source is told', async () => {
        const key = fresh();
        const controller = new AbortController();
        let isEnded = false;
        async function* slow(): AsyncGenerator<Uint8Array> {
          try {
            for (let at = 0; ; at++) {
              yield Buffer.alloc(MIB);
              if (at === 7) controller.abort();
              await delay(1);
            }
          } finally {
            isEnded = true;
          }
        }
        await expect(objects.put(key, slow(), { signal: controller.signal })).rejects.toMatchObject({
          code: 'CANCELLED',
        });
        await expect.poll(() => isEnded).toBe(true);
        expect(await objects.head(key)).toBeUndefined();
        expect(await keysBelow(key)).toEqual([]);
      });
      it('may be left in the middle by its reader, many times', async () => {
        const key = fresh();
        await objects.put(key, Buffer.alloc(12 * MIB));
        for (let at = 0; at < 40; at++) {
          const reader = (await objects.get(key)).body.getReader();
          expect((await reader.read()).value?.length).toBeGreaterThan(0);
          await reader.cancel();
        }
        expect((await objects.head(key))?.size).toBe(12 * MIB);
      });
    });

    describe('a presigned URL', () => {
      it('is for one of two things, and for seven days at most', async () => {
        const refused = { code: 'INVALID_ARGUMENT', reason: 'bad-presign' };
        await expect(objects.presign('a', { method: 'delete' as never })).rejects.toMatchObject(refused);
        await expect(objects.presign('a', { expiresIn: '8d' })).rejects.toMatchObject(refused);
        await expect(objects.presign('../a')).rejects.toMatchObject({ reason: 'bad-key' });
      });
    });

    for (const more of also) more({ target: () => target, objects: () => objects, fresh });
  });
}
