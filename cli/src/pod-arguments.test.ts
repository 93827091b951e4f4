import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parsePodArguments } from './pod-arguments.ts';

const DEV = { host: '127.0.0.1', drainPropagationMs: 0, lenientGrants: true };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bottle-pod-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function hostOf(sidecarYml: string): string | undefined {
  writeFileSync(join(cwd, 'sidecar.yml'), sidecarYml);
  const { sidecarArgs } = parsePodArguments([], { env: {}, cwd }, DEV);
  const at = sidecarArgs.indexOf('--host');
  return at === -1 ? undefined : sidecarArgs[at + 1];
}

it.each([
  '',
  'resources: { cache: { visits: { driver: memory } } }',
  'rpc: { port: 9090 }',
  '# host: this comment names none',
  'resources:\n  http:\n    up: { baseUrl: "http://x", headers: { host: y } }\n',
  'http: { port: [',
])('a pod for development is for this machine alone, whatever else its sidecar.yml says: %j', (sidecarYml) => {
  expect(hostOf(sidecarYml)).toBe('127.0.0.1');
});

it.each(['http:\n  host: 0.0.0.0\n', 'http: { host: 0.0.0.0 }', '{"http":{"host":"0.0.0.0"}}'])(
  'a host that the operator names counts: %j',
  (sidecarYml) => {
    expect(hostOf(sidecarYml)).toBeUndefined();
  },
);

it.each(['drain: { propagationMs: 500 }', 'drain:\n  propagationMs: 500\n', '{"drain":{"propagationMs":500}}'])(
  'what the file says counts however it is written: %j',
  (sidecarYml) => {
    writeFileSync(join(cwd, 'sidecar.yml'), `${sidecarYml}\n`);
    const { sidecarArgs } = parsePodArguments([], { env: {}, cwd }, { ...DEV, drainPropagationMs: 2_000 });
    expect(sidecarArgs).not.toContain('--drain-propagation-ms');
  },
);
