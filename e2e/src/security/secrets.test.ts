// Secrets in logs, errors and crash reports: the operator's and the functions' own.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

const SECRET = 's3cr3t-of-the-operator';
const OF_FUNCTION = 's3cr3t-of-the-function';
const OF_CLIENT = 's3cr3t-of-the-client';

let directory: string;
let pod: TestPod | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bs-'));
});
afterEach(async () => {
  await pod?.end();
  pod = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const everything = (...processes: readonly TestProcess[]): string =>
  JSON.stringify(processes.flatMap(({ lines, stderr }) => [...lines, ...stderr]));
function operatorFile(lines: readonly string[]): string {
  const file = join(directory, 'sidecar.yml');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
const sidecarWith = (lines: readonly string[], env: Record<string, string> = {}): TestProcess =>
  new TestProcess([join(ROOT, 'sidecar/src/main.ts'), '--check', '--config', operatorFile(lines)], { SECRET, ...env });

describe('logs', () => {
  it('have no credentials of clients and functions, nor the query of a request', async () => {
    const started = await TestPod.start({ project: 'intruder' });
    pod = started;
    const headers = { authorization: `Bearer ${OF_CLIENT}`, cookie: `sid=${OF_CLIENT}`, 'x-api-key': OF_CLIENT };
    for (const kind of ['headers', 'fields', 'text', 'error', 'url', 'later'])
      await (await fetch(`${started.url}/leak/${kind}?access_token=${OF_CLIENT}`, { headers })).text();
    await started.runtime.line(({ msg }) => msg === 'an error was not caught');
    await started.sidecar.line(({ path }) => path === '/leak/later');
    await waitFor(() => started.runtime.lines.some(({ msg }) => String(msg).includes('connecting to redis://')), 5_000);
    const text = everything(started.runtime, started.sidecar);
    expect(text).not.toContain(OF_CLIENT);
    expect(text).not.toContain(OF_FUNCTION);
    expect(text).toContain('redis://***@cache:6379');
    expect(text).toContain('cannot reach mysql://***@db/shop');
  });
  it('have no passwords of resources that fail', async () => {
    const config = operatorFile([
      'resources:',
      '  cache: { gone: { driver: redis, url: "redis://app:${SECRET}@127.0.0.1:1/0" } }',
      '  db: { gone: { driver: mysql, url: "mysql://app:${SECRET}@127.0.0.1:1/shop" } }',
    ]);
    pod = new TestPod({
      project: 'intruder',
      sidecarArgs: ['--config', config, '--log-level', 'trace'],
      env: { SECRET },
    });
    const sidecar = await pod.startSidecar();
    await Promise.all([sidecar.said('redis connection failed'), sidecar.said('mysql connection failed')]);
    expect(everything(sidecar)).not.toContain(SECRET);
  });
});

describe('errors', () => {
  it('of functions leave as "internal error", with nothing of their text', async () => {
    pod = await TestPod.start({ project: 'intruder' });
    for (const kind of ['error', 'later']) {
      const answer = await (await fetch(`${pod.url}/leak/${kind}`)).text();
      expect(answer).not.toContain(OF_FUNCTION);
    }
  });
  it.each([
    ['a URL of another kind', ['  db: { x: { driver: mysql, url: "postgres://app:${SECRET}@h/d" } }'], 'mysql://'],
    ['a Redis URL that is none', ['  cache: { x: { driver: redis, url: "redis://:${SECRET}/x@h:6379" } }'], 'redis://'],
    ['a list for text', ['  cache: { x: { driver: redis, password: [12345678] } }'], 'password'],
    ['a key of another driver', ['  cache: { x: { driver: memory, password: "${SECRET}" } }'], 'password'],
    ['a mapping for text', ['  cache: { x: { driver: redis, password: { value: "${SECRET}" } } }'], 'password'],
    ['a wrong mechanism', ['  mq: { x: { driver: kafka, brokers: ["${SECRET}"] } }'], 'host:port'],
    ['an alias', ['  cache: { x: { driver: redis, password: *s3cr3t-of-the-operator } }'], 'alias'],
    ['a base URL', ['  http: { x: { baseUrl: "ftp://app:${SECRET}@h" } }'], 'baseUrl'],
  ])('of sidecar.yml name the place and not the value: %s', async (_name, lines, expected) => {
    const sidecar = sidecarWith(['resources:', ...lines]);
    expect(await sidecar.exit()).toBe(78);
    const text = sidecar.stderr.join('\n');
    expect(text).toContain(expected);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('12345678');
  });
  it('of settings in the environment do not show them', async () => {
    const sidecar = sidecarWith([], { BOTTLE_PORT: SECRET, BOTTLE_RPC_TLS_KEY: SECRET, BOTTLE_GRANTS: SECRET });
    expect(await sidecar.exit()).toBe(78);
    expect(sidecar.stderr.join('\n')).toContain('BOTTLE_PORT');
    expect(sidecar.stderr.join('\n')).not.toContain(SECRET);
  });
});

it('a crash report has no environment', async () => {
  pod = new TestPod({
    project: 'intruder',
    env: { SECRET, NODE_OPTIONS: `--report-on-signal --report-signal=SIGUSR2 --report-directory=${directory}` },
  });
  const runtime = pod.startRuntime();
  const sidecar = await pod.startSidecar();
  await runtime.said('runtime serves');
  const reports = (): string[] => readdirSync(directory).filter((name) => name.startsWith('report.'));
  for (const started of [sidecar, runtime]) started.kill('SIGUSR2');
  await waitFor(() => reports().length === 2 && reports().every((name) => whole(join(directory, name))), 20_000);
  for (const name of reports()) expect(readFileSync(join(directory, name), 'utf8').includes(SECRET)).toBe(false);
});

function whole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
