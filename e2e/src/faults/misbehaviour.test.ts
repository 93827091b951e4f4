import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { ROOT, TestProcess } from '../harness/process.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

let pod: TestPod | undefined;
const directories: string[] = [];
afterEach(async () => {
  await pod?.end();
  pod = undefined;
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});
const project = (files: Record<string, string>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bt-p-'));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
};

it('a blocked event loop ends the process, with the stack in the log', async () => {
  const started = await TestPod.start({ project: 'faults', runtimeArgs: ['--blocked-ms', '1000'] });
  pod = started;
  const asked = fetch(`${pod.url}/block`);
  const line = await started.runtime.line(({ msg }) => msg === 'event loop blocked, ending the process');
  expect(String(line['stack'])).toContain('block');
  expect(await started.runtime.exit()).toBe('SIGKILL');
  expect(await (await asked).json()).toMatchObject({ status: 503, reason: 'connection-lost' });
});

it('large bodies go both ways at once, and neither side waits for the other one for ever', async () => {
  pod = await TestPod.start({ project: 'http' });
  const { url } = pod;
  const sizes = [90_000, 300_000, 900_000];
  let left = 600;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const body = Buffer.alloc(sizes[left % sizes.length] as number, left);
      const answer = await fetch(`${url}/bytes`, { method: 'POST', body, signal: AbortSignal.timeout(20_000) });
      expect(body.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    }
  };
  await Promise.all(Array.from({ length: 24 }, client));
});

it('a suspended process is not a blocked one', async () => {
  const started = await TestPod.start({ project: 'faults', runtimeArgs: ['--blocked-ms', '1000'] });
  pod = started;
  started.runtime.kill('SIGSTOP');
  const held = await fetch(`${pod.url}/work`, { method: 'POST', headers: { 'x-bottle-timeout-ms': '1500' } });
  started.runtime.kill('SIGCONT');
  expect(held.status).toBe(504);
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
  expect(started.runtime.isRunning).toBe(true);
});

it('a function that never answers gets its requests 504 at its timeout', async () => {
  pod = await TestPod.start({ project: 'faults' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${pod?.url}/never`)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 504));
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
});

it('garbage and broken frames on either socket end their connection and nothing else', async () => {
  pod = await TestPod.start({ project: 'faults' });
  for (const name of ['runtime.sock', 'sidecar.sock']) {
    const path = join(pod.socketDir, name);
    const garbage = connect(path).on('error', () => {});
    await new Promise<void>((resolve) => {
      garbage.write(Buffer.from('\u0000\u0001 this is not HTTP/2 '.repeat(500)), () => resolve());
    });
    garbage.destroy();
    const service = name === 'runtime.sock' ? 'FunctionRuntime' : 'Bottle';
    const truncated = Buffer.from([0, 0, 0, 0, 3, 0x0a, 0x7f, 0x01]);
    const beforeHello = Buffer.from([0, 0, 0, 0, 6, 0x0a, 0x04, 0x08, 0x01, 0x12, 0x00]);
    const oversized = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0]);
    for (const message of [truncated, beforeHello, oversized]) {
      const status = await grpcStatus(path, `/bottle.v1.${service}/Connect`, message);
      expect(status).not.toBe('0');
    }
  }
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
  expect((await pod.admin('/readyz')).status).toBe(200);
});

it('answers grpc.health.v1 on both sockets, and readiness follows the function’s event loop', async () => {
  const started = await TestPod.start({ project: 'faults', runtimeArgs: ['--blocked-ms', '0'] });
  pod = started;
  const empty = Buffer.alloc(5);
  for (const name of ['runtime.sock', 'sidecar.sock']) {
    const status = (): Promise<string> =>
      grpcStatus(join(started.socketDir, name), '/grpc.health.v1.Health/Check', empty, true);
    await waitFor(async () => (await status()) === '0', 5_000);
  }
  started.runtime.kill('SIGSTOP');
  const unready = await pod.admin('/readyz');
  expect([unready.status, await unready.json()]).toEqual([
    503,
    { status: 'unready', missing: ['the function container is not healthy'] },
  ]);
  started.runtime.kill('SIGCONT');
  await pod.untilReady();
});

/** Sends one raw gRPC message and returns the status the server ends with. */
async function grpcStatus(socketPath: string, path: string, message: Buffer, halfClose = false): Promise<string> {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(socketPath) });
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const status = new Promise<string>((resolve) => {
    stream.on('response', (headers) => headers['grpc-status'] !== undefined && resolve(String(headers['grpc-status'])));
    stream.on('trailers', (headers) => resolve(String(headers['grpc-status'])));
    stream.on('error', (error) => resolve(error.message));
    stream.on('close', () => resolve('closed'));
  });
  stream.on('data', () => {});
  if (halfClose) stream.end(message);
  else stream.write(message);
  const result = await status;
  session.destroy();
  return result;
}

it('ten mistakes in serverless.yml are reported at once, with their lines', async () => {
  const lines = [
    'service: 7',
    'providr: {}',
    'functions:',
    '  1bad: { handler: a.b }',
    '  one:',
    '    handlr: src/a.b',
    '    timeout: fast',
    '    concurrency: 0',
    '    events:',
    '      - http: { path: items, method: fetch }',
    '      - http: { path: /same, method: get }',
    '      - http: { path: /same, method: get }',
    '      - timer: { type: hourly, value: 1 }',
  ];
  const directory = project({ 'serverless.yml': `${lines.join('\n')}\n` });
  const runtime = new TestProcess([join(ROOT, 'function-runtime/src/main.ts'), directory, '--socket-dir', directory]);
  expect(await runtime.exit()).toBe(78);
  const text = runtime.stderr.join('\n');
  for (const place of [':1 ', ':2 ', ':4 ', ':5 ', ':6 ', ':7 ', ':8 ', ':10 ', ':12 ', ':13 '])
    expect(text).toContain(`serverless.yml${place}`);
  expect(text).toContain('did you mean "handler"');
  expect(text).toContain('did you mean "provider"');
});

it('a wrong sidecar.yml is reported whole, and nothing half-starts', async () => {
  const directory = project({ 'sidecar.yml': 'http: { port: many }\nlimit: {}\ndrain: { budgetMs: -1 }\n' });
  const sidecar = new TestProcess([join(ROOT, 'sidecar/src/main.ts'), '--config', join(directory, 'sidecar.yml')], {
    BOTTLE_ADMIN_PORT: 'x',
  });
  expect(await sidecar.exit()).toBe(78);
  const text = sidecar.stderr.join('\n');
  expect(text).toContain('4 problems');
  expect(text).toMatch(/sidecar\.yml:1 .*http\.port/);
  expect(text).toContain('did you mean "limits"');
  expect(text).toContain('BOTTLE_ADMIN_PORT');
});

it('a function that cannot initialise gets 503 with the reason, and recovers when it can', async () => {
  const directory = project({
    'serverless.yml': 'service: s\nfunctions:\n  f: { handler: f.f, events: [{ http: { path: /f, method: get } }] }\n',
    'package.json': '{"type":"module"}',
    'f.js': "import { value } from './dependency.js';\nexport const f = () => value;\n",
    'dependency.js': "export const value = 1;\nthrow new Error('the licence has expired');\n",
  });
  pod = new TestPod({ project: directory });
  pod.startRuntime();
  await pod.startSidecar();
  const running = pod;
  await waitFor(
    async () =>
      ((await (await running.admin('/readyz')).json()) as { missing: string[] }).missing[0]?.includes('licence') ??
      false,
    20_000,
  );
  expect(await (await fetch(`${pod.url}/f`)).json()).toMatchObject({
    status: 503,
    reason: 'init-failed',
    detail: expect.stringContaining('licence'),
  });
  writeFileSync(join(directory, 'dependency.js'), "export const value = 'mended';\n");
  await pod.untilReady();
  expect(await (await fetch(`${pod.url}/f`)).text()).toBe('mended');
});

it('a missing layer is fatal: every function says so', async () => {
  const directory = project({
    'serverless.yml':
      'service: s\nlayers: { gone: { path: "npm:no-such-layer@1" } }\nfunctions:\n  f: { handler: f.f, events: [{ http: { path: /f, method: get } }] }\n',
    'f.mjs': 'export const f = () => 1;\n',
  });
  pod = new TestPod({ project: directory });
  pod.startRuntime();
  await pod.startSidecar();
  const running = pod;
  const ask = async (): Promise<string> => (await fetch(`${running.url}/f`)).text();
  await waitFor(async () => (await ask()).includes('init-failed'), 20_000);
  expect(await ask()).toContain('the package no-such-layer is not installed');
});
