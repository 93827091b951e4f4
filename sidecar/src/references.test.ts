import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveReferences } from './references.ts';

const source = (data: unknown) => ({ data, locate: () => ({ source: 'sidecar.yml', line: 7 }) });

it('replaces references to the environment and to files, anywhere in a text', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-references-'));
  const secret = join(directory, 'password');
  writeFileSync(secret, 's3cret\n');
  const data = {
    a: ['redis://:${file:SECRET}@${HOST}:6379'.replace('SECRET', secret)],
    b: '${PORT:-80}',
    c: 5,
    d: null,
  };
  const resolved = resolveReferences(source(data), { HOST: 'cache' });
  expect(resolved).toEqual({
    data: { a: ['redis://:s3cret@cache:6379'], b: '80', c: 5, d: null },
    problems: [],
    replaced: new Set(['a.0', 'b']),
  });
  rmSync(directory, { recursive: true });
});

it('lists everything that is missing, with its place', () => {
  const { problems } = resolveReferences(source({ a: '${NOBODY}', b: { c: '${file:/no/such/file}' } }), {});
  expect(problems).toEqual([
    { source: 'sidecar.yml', line: 7, path: 'a', message: 'the environment variable NOBODY is not set' },
    { source: 'sidecar.yml', line: 7, path: 'b.c', message: '${file:/no/such/file} cannot be read: ENOENT' },
  ]);
});
