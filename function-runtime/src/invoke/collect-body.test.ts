import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { collectBody } from './collect-body.ts';

const chunks = ['one ', 'two ', 'three'].map((text) => Buffer.from(text));

it.each([
  ['that is declared', 13],
  ['that is longer than declared', 6],
  ['that is shorter than declared', 1_000],
  ['that is not declared', undefined],
  ['that is declared longer than memory is taken for', 2 ** 40],
  ['that is declared as no number', Number.NaN],
])('is the whole body %s', async (_, declaredBytes) => {
  expect(String(await collectBody(Readable.from(chunks), declaredBytes))).toBe('one two three');
});

it('throws what the body breaks off with', async () => {
  const body = Readable.from(
    (async function* () {
      yield chunks[0];
      throw new Error('broken off');
    })(),
  );
  await expect(collectBody(body, 13)).rejects.toThrow('broken off');
});
