import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigProblems } from '@bottle/config-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadManifest } from './manifest.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gateway-problems-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** "4 functions.b.…: message" for each problem of two functions with these triggers. */
async function problemsOf(first: string, second: string): Promise<string[]> {
  const text = `service: s\nfunctions:\n  a: { handler: x.a, events: [${first}] }\n  b: { handler: x.b, events: [${second}] }\n`;
  writeFileSync(join(directory, 'serverless.yml'), text);
  const error: unknown = await loadManifest(directory).then(
    () => ({ problems: [] }),
    (thrown: unknown) => thrown,
  );
  return (error as ConfigProblems).problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

describe('a manifest', () => {
  it('has one function for each API and version', async () => {
    expect(await problemsOf('{ mtop: { api: shop.add } }', '{ mtop: { api: shop.add, version: "1.0" } }')).toEqual([
      '4 functions.b.events.0.mtop.api: shop.add in version 1.0 is answered by a already',
    ]);
    expect(await problemsOf('{ mtop: { api: shop.add } }', '{ mtop: { api: shop.add, version: "2.0" } }')).toEqual([]);
  });
  it('takes CloudEvents on paths without parameters, several functions on one', async () => {
    expect(await problemsOf('{ cloudevents: { path: "/events/:tenant" } }', '{ cloudevents: {} }')).toEqual([
      expect.stringContaining('expected a path that begins with "/", without parameters'),
    ]);
    expect(await problemsOf('{ cloudevents: { path: /hooks } }', '{ cloudevents: { path: /hooks } }')).toEqual([]);
  });
});
