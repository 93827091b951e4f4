// Values of `secrets` resources in everything that a pod says: both processes' logs on both streams, and its answers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

/** Nothing of it may be seen, whatever is made of it. */
const KEY = 'kq7/"Zx9\\wV e3ü';
const PEM_LINES = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'];
const PEM = ['-----BEGIN PRIVATE KEY-----', ...PEM_LINES, '-----END PRIVATE KEY-----', ''].join('\n');
const PIN = '80174632';
const ROTATED = 'the-next-key-1f8e';

const bytes = Buffer.from(KEY);
const TRACES = [
  'kq7',
  'Zx9',
  'wV e3',
  ...PEM_LINES,
  PIN,
  ROTATED,
  ...(['base64', 'hex'] as const).map((encoding) => bytes.toString(encoding).slice(0, 12)),
  '6b 71 37',
  '107,113,55',
  '107, 113, 55',
];
const LOGS = ['console', 'encoded', 'logger', 'streams', 'long', 'warning'];
const FAILURES =
  'error aggregate fields name text status typed timer rejection stream http base cache resource call secret'.split(
    ' ',
  );

describe.each([
  ['that develops', ['--develop']],
  ['in production', []],
])('a pod %s', (_name, flags) => {
  let directory: string;
  let pod: TestPod;
  let runtime: TestProcess;
  const sidecars: TestProcess[] = [];
  const answers: string[] = [];
  const ask = async (path: string, accept = 'application/json'): Promise<Response> => {
    const response = await fetch(pod.url + path, { headers: { accept } });
    answers.push(JSON.stringify([...response.headers]), await response.text().catch(String));
    return response;
  };
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'bs-'));
    writeFileSync(join(directory, 'api-key'), KEY);
    writeFileSync(join(directory, 'pem'), PEM);
    const config = join(directory, 'sidecar.yml');
    const resources = {
      secrets: { payments: { driver: 'files', directory }, plain: { driver: 'env', prefix: 'PLAIN_' } },
      http: { gone: { baseUrl: 'http://127.0.0.1:1/' } },
      cache: { gone: { driver: 'memory' } },
    };
    writeFileSync(config, JSON.stringify({ resources, log: { level: 'trace' } }));
    pod = new TestPod({
      project: 'secrets',
      sidecarArgs: ['--config', config, '--drain-propagation-ms', '0', ...flags],
      runtimeArgs: ['--log-level', 'trace', ...flags],
      env: { PLAIN_PIN: `${PIN}\n` },
    });
    runtime = pod.startRuntime();
    sidecars.push(await pod.startSidecar());
    await waitFor(async () => (await fetch(`${pod.url}/show/pem`)).status === 200, 30_000);
  });
  afterAll(async () => {
    await pod.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives a function what it may have, and refuses the others as ever', async () => {
    expect(await (await fetch(`${pod.url}/show/api-key`)).text()).toBe(KEY);
    const refused = await ask('/ungranted/api-key');
    expect(refused.status).toBe(500);
    const line = await runtime.line(({ function: name, err }) => name === 'ungranted' && err !== undefined);
    expect(line['err']).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'no-grant' });
  });
  it('shows nothing of them, however functions log and fail', async () => {
    for (const how of [...LOGS, ...FAILURES]) {
      await ask(`/leak/${how}`);
      await ask(`/leak/${how}`, 'text/html');
    }
    await ask('/broken');
    answers.push(await (await pod.admin('/readyz')).text(), await (await pod.admin('/functions')).text());
    answers.push(await (await pod.admin('/resources')).text(), await (await pod.admin('/metrics')).text());
    await ask(`/nowhere/${encodeURIComponent(KEY)}/${PIN}/${PEM_LINES[0]}`).then(() => answers.splice(-2)); // its own words
    await runtime.line(({ msg }) => String(msg).includes('nobody awaits') || msg === 'an error was not caught');
    expect(answers.length).toBeGreaterThan(80);
  });
  it('sees a rotation at once, and hides the new value as well', async () => {
    writeFileSync(join(directory, 'api-key'), ROTATED);
    expect(await (await fetch(`${pod.url}/show/api-key`)).text()).toBe(ROTATED);
    for (const how of ['console', 'error', 'typed']) await ask(`/leak/${how}`);
  });
  it('hides them from a sidecar that is started anew, before anybody asks for them', async () => {
    sidecars[0]?.kill('SIGTERM');
    await sidecars[0]?.exit();
    const started = await pod.startSidecar();
    sidecars.push(started);
    await fetch(`${pod.url}/nowhere/${ROTATED}/${PIN}/${PEM_LINES[1]}`);
    const line = await started.line(({ msg, path }) => msg === 'request' && String(path).startsWith('/nowhere/'));
    expect(line['path']).toBe('/nowhere/***/***/***');
  });
  it('has none of them in anything that it said', async () => {
    runtime.kill('SIGTERM');
    sidecars[1]?.kill('SIGTERM');
    await Promise.all([runtime.exit(), sidecars[1]?.exit()]);
    const processes = [runtime, ...sidecars];
    const said = processes.flatMap(({ lines, stderr }) => [...lines.map((line) => JSON.stringify(line)), ...stderr]);
    const seen = [...said, ...answers].flatMap((text) =>
      TRACES.filter((trace) => text.includes(trace)).map((trace) => `"${trace}" in ${text.slice(0, 2_000)}`),
    );
    expect(seen).toEqual([]);
    const all = [...said, ...answers].join('\n');
    for (const masked of [
      'key is ***',
      'no answer to ***',
      'nobody awaits ***',
      'late ***',
      'warned of ***',
      'after the head ***',
    ])
      expect(all).toContain(masked);
    expect(said.length).toBeGreaterThan(150);
    expect(runtime.lines.filter(({ level }) => typeof level !== 'number')).toEqual([]); // every line is JSON still
  });
  it('answers what a function throws on purpose without them', async () => {
    const typed = answers.map(parsed).find((answer) => answer?.['reason'] === 'no-item');
    expect(typed).toMatchObject({ status: 404, detail: 'no item ***', details: { key: '***' } });
    const stated = answers.map(parsed).find((answer) => answer?.['status'] === 403);
    expect(stated).toMatchObject({ detail: '*** is not allowed' });
  });
});

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? undefined : (value as Record<string, unknown>);
  } catch {
    return undefined; // a page
  }
}
