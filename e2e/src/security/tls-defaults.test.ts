// A server whose certificate nobody vouches for gets no byte of a resource's traffic unless the operator says so.
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { certificates } from '../contracts/certificates.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

let directory: string;
let server: Server;
let received: Buffer[];
let attempts: number;
let pod: TestPod | undefined;
let removeCertificates: () => void;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bs-'));
  const { cert, key, remove } = certificates();
  removeCertificates = remove;
  received = [];
  attempts = 0;
  server = createServer({ cert, key }, (socket: TLSSocket) => {
    socket.on('data', (chunk: Buffer) => received.push(chunk)).on('error', () => {});
  });
  server.on('connection', () => (attempts += 1)).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await pod?.end();
  pod = undefined;
  server.close();
  removeCertificates();
  rmSync(directory, { recursive: true, force: true });
});

async function startWith(resource: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const file = join(directory, 'sidecar.yml');
  writeFileSync(file, `resources:\n  ${resource.replaceAll('PORT', String(port))}\n`);
  pod = new TestPod({ project: 'intruder', sidecarArgs: ['--config', file] });
  await pod.startSidecar();
}

it.each([
  ['rediss://', 'cache: { x: { driver: redis, url: "rediss://:s3cret@localhost:PORT" } }'],
  ['redis with tls', 'cache: { x: { driver: redis, url: "redis://:s3cret@localhost:PORT", tls: true } }'],
  [
    'redis with tls settings',
    'cache: { x: { driver: redis, url: "redis://:s3cret@localhost:PORT", tls: { serverName: localhost } } }',
  ],
  [
    'kafka with tls',
    'mq: { x: { driver: kafka, brokers: ["localhost:PORT"], tls: true, sasl: { mechanism: plain, username: u, password: s3cret } } }',
  ],
])('%s says nothing to a server that it does not know', async (_name, resource) => {
  await startWith(resource);
  await waitFor(() => attempts >= 2, 15_000);
  const status = await (await pod?.admin('/resources'))?.text();
  expect(status).toContain('unavailable');
  expect(Buffer.concat(received).toString()).toBe('');
});

it('does when the operator says so: rejectUnauthorized is a setting, not a default', async () => {
  await startWith(
    'cache: { x: { driver: redis, url: "redis://:s3cret@localhost:PORT", tls: { rejectUnauthorized: false } } }',
  );
  await waitFor(() => received.length > 0, 15_000);
  expect(Buffer.concat(received).toString()).toContain('s3cret');
});
