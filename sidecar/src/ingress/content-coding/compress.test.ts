import { once } from 'node:events';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ResponseCoding } from './accepted-codings.ts';
import { compressBytes, compressed } from './compress.ts';

const DECODE = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync } as const;
const DECODER = { br: createBrotliDecompress, zstd: createZstdDecompress, gzip: createGunzip } as const;
const CODINGS: readonly ResponseCoding[] = ['br', 'zstd', 'gzip'];
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919 + (at >> 3)) % 256));

async function collect(chunks: AsyncIterable<Uint8Array>, into: Uint8Array[] = []): Promise<Buffer> {
  for await (const chunk of chunks) into.push(chunk);
  return Buffer.concat(into);
}

describe('compressBytes', () => {
  it.each(CODINGS)('gives back small and large bodies (%s)', async (coding) => {
    for (const bytes of [Buffer.from('a'), noise.subarray(0, 16_384), noise]) {
      expect(DECODE[coding](await compressBytes(coding, bytes)).equals(bytes)).toBe(true);
    }
  });
  it('does large ones on a thread', () => {
    expect(compressBytes('zstd', noise)).toBeInstanceOf(Promise);
  });
});

describe('compressed', () => {
  it.each(CODINGS)('gives back what streams, also nothing (%s)', async (coding) => {
    async function* pieces() {
      for (let at = 0; at < noise.length; at += 999) yield noise.subarray(at, at + 999);
    }
    expect(DECODE[coding](await collect(compressed(coding, pieces()))).equals(noise)).toBe(true);
    expect(DECODE[coding](await collect(compressed(coding, (async function* () {})()))).length).toBe(0);
  });
  it.each(CODINGS)('throws what its source throws, without an end that makes it whole (%s)', async (coding) => {
    const got: Uint8Array[] = [];
    async function* broken() {
      yield noise.subarray(0, 5_000);
      while (got.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      throw new Error('the source broke');
    }
    await expect(collect(compressed(coding, broken()), got)).rejects.toThrow('the source broke');
    expect(Buffer.concat(got).length).toBeGreaterThan(0);
    expect(() => DECODE[coding](Buffer.concat(got))).toThrow('unexpected end');
  });
  it.each(CODINGS)('hands on all that has come when nothing more is there (%s)', async (coding) => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    async function* slow() {
      yield Buffer.from('first');
      await released;
      yield Buffer.from('second');
    }
    const stream = compressed(coding, slow())[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    const decoder = DECODER[coding]();
    const seen = once(decoder, 'data');
    let isSeen = false;
    decoder.once('data', () => (isSeen = true));
    while (!isSeen) {
      const { value } = await stream.next(); // waits for ever when the rest is held back
      head.push(value as Uint8Array);
      await new Promise((resolve) => decoder.write(value, resolve));
    }
    expect(String((await seen)[0])).toBe('first');
    release();
    for (let next = await stream.next(); !next.done; next = await stream.next()) head.push(next.value);
    expect(DECODE[coding](Buffer.concat(head)).toString()).toBe('firstsecond');
  });
  it('reads no further when its reader stops, and lets go of the source', async () => {
    let yielded = 0;
    let isOver = false;
    async function* endless() {
      try {
        for (;;) {
          yielded += 1;
          yield Buffer.from(Array.from({ length: 65_536 }, () => Math.floor(Math.random() * 256)));
        }
      } finally {
        isOver = true;
      }
    }
    const stream = compressed('gzip', endless())[Symbol.asyncIterator]();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(yielded).toBeLessThan(20);
    await stream.return?.(undefined);
    await expect.poll(() => isOver).toBe(true);
  });
});
