// The admin port: where it listens, whom it answers, what it tells.
import { networkInterfaces, tmpdir } from 'node:os';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import { rawHttp } from '../harness/raw-http.ts';

const SECRET = 's3cr3t-of-the-operator';
const TOKEN = 'a-long-token';
const PATHS = ['/functions', '/resources', '/metrics', '/config/config/any', '/readyz', '/livez'];

let directory: string;
let pod: TestPod;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bs-'));
  const lines = [
    'resources:',
    '  cache:',
    '    allowed: { driver: memory }',
    '    gone: { driver: redis, url: "redis://app:${SECRET}@127.0.0.1:1/0" }',
    '  db:',
    '    gone: { driver: mysql, url: "mysql://app:${SECRET}@127.0.0.1:1/shop" }',
    '  mq:',
    '    gone: { driver: kafka, brokers: ["127.0.0.1:1"], sasl: { mechanism: plain, username: app, password: "${SECRET}" } }',
    '  http:',
    '    gone: { baseUrl: "http://127.0.0.1:1", headers: { authorization: "Bearer ${SECRET}" } }',
    '  config:',
    '    any: { driver: file, file: ":dir/any.yml" }'.replace(':dir', directory),
  ];
  writeFileSync(join(directory, 'sidecar.yml'), lines.join('\n'));
  pod = new TestPod({
    project: 'intruder',
    sidecarArgs: ['--config', join(directory, 'sidecar.yml')],
    env: { SECRET, BOTTLE_ADMIN_TOKEN: '' },
  });
  pod.startRuntime();
  await pod.startSidecar();
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (method: string, path: string, lines: readonly string[]): Promise<string> =>
  rawHttp(pod.adminPort, [[`${method} ${path} HTTP/1.1`, ...lines, 'Connection: close', '', ''].join('\r\n')]);

it('listens on loopback and nowhere else, unless told otherwise', async () => {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each && !each.internal && each.family === 'IPv4' ? [each.address] : []));
  for (const address of addresses) {
    const refused = await new Promise((resolve) => {
      connect(pod.adminPort, address)
        .on('connect', () => resolve('connected'))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(refused).toBe('ECONNREFUSED');
  }
  expect((await pod.admin('/livez')).status).toBe(200);
});

describe('a web page', () => {
  it.each([
    ['POST', '/functions/secret/invoke', ['Host: 127.0.0.1', 'Origin: https://evil.example']],
    ['POST', '/functions/secret/invoke', ['Host: 127.0.0.1', 'Origin: null']],
    ['PUT', '/config/config/any/key', ['Host: localhost', 'Origin: http://localhost:9901']],
    ['POST', '/drain', ['Host: 127.0.0.1', 'Origin: https://evil.example']],
    ['GET', '/drain', ['Host: 127.0.0.1', 'Sec-Fetch-Site: cross-site']],
    ['GET', '/functions', ['Host: localhost', 'Sec-Fetch-Site: same-site']],
    ['GET', '/functions', ['Host: rebound.evil.example']],
    ['GET', '/drain', ['Host: rebound.evil.example:9901']],
    ['GET', '/functions', ['Host: 127.0.0.1.evil.example']],
    ['OPTIONS', '/functions', ['Host: 127.0.0.1', 'Origin: https://evil.example']],
  ])('is refused: %s %s with %j', async (method, path, lines) => {
    const answer = await ask(method, path, [...lines, 'Content-Length: 0']);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('admin-browser');
    expect(answer.toLowerCase()).not.toContain('access-control');
  });
  it.each(['127.0.0.1:9901', 'localhost', '[::1]:9901', '10.1.2.3:9901', 'sidecar:9901', 'pod.ns.svc.cluster.local'])(
    'is not whoever asks for %s without an origin',
    async (host) => {
      expect(await ask('GET', '/livez', [`Host: ${host}`])).toMatch(/^HTTP\/1\.1 200 /);
    },
  );
  it('did not drain the pod', async () => {
    expect(await (await pod.admin('/readyz')).text()).not.toContain('the pod is draining');
  });
});

it('tells no secret of sidecar.yml, whatever is asked, although every resource fails', async () => {
  for (const path of PATHS) {
    const answer = await (await pod.admin(path)).text();
    expect(answer.length).toBeGreaterThan(2);
    expect(answer).not.toContain(SECRET);
  }
  expect(await (await pod.admin('/resources')).text()).toContain('cache.gone');
});

it('with admin.token, answers probes, hooks and metrics to all, and the rest to those who have it', async () => {
  const guarded = new TestPod({ project: 'intruder', env: { BOTTLE_ADMIN_TOKEN: TOKEN } });
  try {
    guarded.startRuntime();
    await guarded.startSidecar();
    await guarded.untilReady();
    for (const path of ['/livez', '/readyz', '/function/live', '/metrics', '/wait-drained'])
      expect((await guarded.admin(path)).status).toBe(200);
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
      for (const path of ['/functions', '/resources', '/config/switches/any', '/none'])
        expect((await guarded.admin(path, { headers: { authorization } })).status).toBe(401);
    }
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await guarded.admin('/functions', { headers })).status).toBe(200);
    const invoked = await guarded.admin('/functions/echo/invoke', { method: 'POST', headers, body: '{"a":1}' });
    expect(invoked.status).toBe(200);
    expect((await guarded.admin('/none', { headers })).status).toBe(404);
  } finally {
    await guarded.end();
  }
});
