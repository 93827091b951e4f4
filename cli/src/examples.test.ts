import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ExamplePlaces, examplesOf } from './examples.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'bx-'));
});
afterEach(() => rmSync(project, { recursive: true }));

const PLACES: ExamplePlaces = { port: 8080, adminPort: 9901, rpcPort: 9090, scheme: 'http' };
async function shown(lines: string[], places: Partial<ExamplePlaces>): Promise<string[]> {
  writeFileSync(join(project, 'serverless.yml'), JSON.stringify({ custom: { examples: lines } }));
  return examplesOf(project, [], { ...PLACES, ...places });
}

const LINES = [
  "curl 'localhost:8080/items?page=1'",
  'curl http://localhost:8080/items',
  'npx bottle switch on promotions free-shipping',
  'npx bottle timer fire nightly-report --admin-port 9902',
  'grpcurl -plaintext localhost:9090 list',
];

it('a project’s own lines follow every port that is not the usual one', async () => {
  expect(await shown(LINES, {})).toEqual(LINES);
  expect(await shown(LINES, { port: 81, adminPort: 82, rpcPort: 83 })).toEqual([
    "curl 'localhost:81/items?page=1'",
    'curl http://localhost:81/items',
    'npx bottle switch on promotions free-shipping --admin-port 82',
    'npx bottle timer fire nightly-report --admin-port 9902',
    'grpcurl -plaintext localhost:83 list',
  ]);
});

it('with TLS they say https, also where they said nothing', async () => {
  expect((await shown(LINES, { scheme: 'https' })).slice(0, 2)).toEqual([
    "curl 'https://localhost:8080/items?page=1'",
    'curl https://localhost:8080/items',
  ]);
});
