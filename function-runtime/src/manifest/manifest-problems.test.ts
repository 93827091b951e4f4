import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifest } from './manifest.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'mp-'));
});
afterEach(() => rmSync(project, { recursive: true }));

/** "3 functions.a.b: what is wrong"; "fine" without any. */
async function problemsOf(text: string): Promise<string> {
  writeFileSync(join(project, 'serverless.yml'), text);
  try {
    await loadManifest(project);
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`).join('\n');
  }
  return 'fine';
}
const withEvents = (...events: string[]): string =>
  `service: shop\nfunctions:\n${events.map((event, at) => `  f${at}: { handler: a.b, events: [${event}] }\n`).join('')}`;

describe('check finds', () => {
  it.each(['600h', '24.5h', '0ms', '0.2ms', 90_000])('a timeout of %s', async (timeout) => {
    const found = await problemsOf(`service: shop\nfunctions:\n  f: { handler: a.b, timeout: ${timeout} }\n`);
    expect(found).toMatch(/^3 functions\.f\.timeout: expected (at most|at least|a number)/);
  });
  it('no fault in the longest timeout', async () => {
    expect(await problemsOf('service: shop\nfunctions:\n  f: { handler: a.b, timeout: 24h }\n')).toBe('fine');
  });
  it.each([
    ['with a space', 'my shop'],
    ['that begins with a digit', '7up'],
    ['with an umlaut', 'shöp'],
    ['with a slash', 'shop/eu'],
    ['with a sign', '"a#b"'],
    ['that is too long', 'x'.repeat(64)],
  ])('a service name %s', async (_kind, name) => {
    const text = 'expected a letter, then at most 62 letters, digits, "-", "_" or ".": it becomes part of other names';
    expect(await problemsOf(`service: ${name}\nfunctions: {}\n`)).toBe(`1 service: ${text}`);
    expect(await problemsOf(`service:\n  name: ${name}\nfunctions: {}\n`)).toBe(`2 service.name: ${text}`);
  });
  it.each(['shop', 'Shop_2', 'acme.shop-eu'])('nothing wrong with the service name %s', async (name) => {
    expect(await problemsOf(`service: ${name}\nfunctions: {}\n`)).toBe('fine');
  });
  it.each(['nodejs12', 'nodejs', 'node24', 'python3.12'])('the unknown runtime %s', async (runtime) => {
    const text = 'expected "nodejs24" or a later one: functions run on nothing else';
    expect(
      await problemsOf(
        `service: s\nprovider:\n  runtime: ${runtime}\nfunctions:\n  f:\n    handler: a.b\n    runtime: ${runtime}\n`,
      ),
    ).toBe(`3 provider.runtime: ${text}\n7 functions.f.runtime: ${text}`);
  });
  it.each(['nodejs24', 'nodejs24.x', 'nodejs26'])('nothing wrong with the runtime %s', async (runtime) => {
    expect(await problemsOf(`service: s\nprovider: { runtime: ${runtime} }\nfunctions: {}\n`)).toBe('fine');
  });
  it('unknown keys of the provider, with the one that was meant', async () => {
    expect(await problemsOf('service: s\nprovider:\n  name: aws\n  timout: 3\nfunctions: {}\n')).toBe(
      '4 provider.timout: unknown key; did you mean "timeout"?',
    );
  });
  it.each(['/a/:id/b/:id', '/a/{id}/b/{id}', '/a/:id/{id}', '/:x-:x', '/a/:id(\\d+)/:id?'])(
    'the path parameter that %s has twice',
    async (path) => {
      expect(await problemsOf(withEvents(`{ http: { path: '${path}' } }`))).toMatch(
        /^3 functions\.f0\.events\.0\.http\.path: "(id|x)" is the name of two parameters$/,
      );
    },
  );
  it.each(['/a/:id/:id2', '/a/:id((?:a:id|b))', '/a/{id}/{rest+}'])('nothing wrong with %s', async (path) => {
    expect(await problemsOf(withEvents(`{ http: { path: '${path}' } }`))).toBe('fine');
  });
  it.each([
    ['with a space', 'my orders'],
    ['with a slash', 'orders/eu'],
    ['of two dots', '..'],
    ['that is too long', 'x'.repeat(250)],
  ])('an illegal topic %s', async (_kind, topic) => {
    for (const trigger of [`mq: { topic: "${topic}" }`, `cloudevents: { resource: mq.a, topic: "${topic}" }`])
      expect(await problemsOf(withEvents(`{ ${trigger} }`))).toContain(
        '.topic: expected 1 to 249 letters, digits, ".", "_" or "-"',
      );
  });
  it('illegal groups and topics for dead letters, given or made', async () => {
    expect(await problemsOf(withEvents('{ mq: { topic: t, group: a b, deadLetter: a/b } }'))).toBe(
      [
        '3 functions.f0.events.0.mq.group: expected 1 to 249 letters, digits, ".", "_" or "-"',
        '3 functions.f0.events.0.mq.deadLetter: expected 1 to 249 letters, digits, ".", "_" or "-"',
      ].join('\n'),
    );
    const topic = 'x'.repeat(240);
    expect(await problemsOf(withEvents(`{ mq: { topic: ${topic} } }`))).toContain(
      '.dead", for its dead letters, is longer',
    );
    expect(await problemsOf(withEvents(`{ mq: { topic: ${topic}, deadLetter: dead } }`))).toBe('fine');
  });
  it('two consumers of one topic in one group, whichever triggers they are', async () => {
    const orders = 'topic: orders, group: g';
    expect(
      await problemsOf(
        withEvents(
          `{ mq: { ${orders} } }`,
          `{ mq: { resource: mq.default, ${orders} } }, { mq: { ${orders}, resource: other } }`,
          `{ cloudevents: { resource: default, ${orders} } }`,
        ),
      ),
    ).toBe(
      [
        '4 functions.f1.events.0.mq.topic: orders of mq.default is consumed in the group g by f0 already: each would get a part',
        '5 functions.f2.events.0.cloudevents.topic: orders of mq.default is consumed in the group g by f0 already: each would get a part',
      ].join('\n'),
    );
    const paid =
      '{ cloudevents: { resource: a, topic: t, type: paid } }, { cloudevents: { resource: a, topic: t, type: sent } }';
    expect(await problemsOf(withEvents(paid, '{ mq: { topic: orders } }', '{ mq: { topic: orders } }'))).toBe('fine');
  });
});
