import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifest } from './manifest.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bt-m-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(trigger: string) {
  writeFileSync(
    join(directory, 'serverless.yml'),
    `service: s\nfunctions:\n  f:\n    handler: f.f\n    events:\n      - ${trigger}\n`,
  );
  return loadManifest(directory);
}

async function problemsOf(trigger: string): Promise<string[]> {
  const error: unknown = await load(trigger).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ConfigProblems
    ? error.problems.map(({ path, line, message }) => `${line} ${path}: ${message}`)
    : [];
}

describe('an idempotency rule', () => {
  it('keeps results for a day in cache.idempotency unless it says otherwise', async () => {
    const { functions } = await load('http: { path: /a, idempotency: { key: header.idempotency-key } }');
    expect(functions[0]?.triggers.http[0]?.idempotency).toEqual({
      key: 'header.idempotency-key',
      ttlMs: '86400000',
      resource: 'idempotency',
    });
  });
  it('names its cache with or without the capability', async () => {
    const { functions } = await load('mq: { topic: t, idempotency: { key: key, ttl: 10m, resource: cache.keys } }');
    expect(functions[0]?.triggers.mq[0]?.idempotency).toEqual({ key: 'key', ttlMs: '600000', resource: 'keys' });
  });
  it('has a key of several parts', async () => {
    const { functions } = await load('http: { path: /a, idempotency: { key: cookie.cart + header.idempotency-key } }');
    expect(functions[0]?.triggers.http[0]?.idempotency?.key).toBe('cookie.cart + header.idempotency-key');
  });
  it('is refused, with its line, where a repeat cannot be told: batches and streamed bodies', async () => {
    expect(await problemsOf('mq: { topic: t, batch: 10, idempotency: { key: key } }')).toEqual([
      '6 functions.f.events.0.mq.idempotency: not with `batch`: the messages of a batch have no results of their own',
    ]);
    expect(await problemsOf('http: { path: /a, stream: true, idempotency: { key: header.k } }')).toEqual([
      '6 functions.f.events.0.http.idempotency: not with `stream: true`: a repeat is known by its whole body',
    ]);
  });
  it.each([
    ['http: { path: /a, idempotency: { key: key } }', 'expected "header.<name>" or "cookie.<name>" or "body.<field>"'],
    ['cloudevents: { idempotency: { key: key } }', 'expected "id" or "body.<field>" or "attribute.<name>"'],
    ['mq: { topic: t, idempotency: { key: id } }', '"key" or "header.<name>" or "body.<field>"'],
    ['http: { path: /a, idempotency: { key: header.a + } }', 'or several with " + "'],
    ['mq: { topic: t, idempotency: { key: cookie.a } }', '"key" or "header.<name>"'],
    ['http: { path: /a, idempotency: { key: header. } }', 'expected "header.<name>"'],
  ])('is refused when its key is somewhere that the trigger does not have: %s', async (trigger, expected) => {
    const [problem] = await problemsOf(trigger);
    expect(problem).toContain('idempotency.key');
    expect(problem).toContain(expected);
  });
});
