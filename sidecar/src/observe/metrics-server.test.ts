import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetricsServer, type MetricsServer } from './metrics-server.ts';

let server: MetricsServer;
let port: number;
beforeEach(async () => {
  server = createMetricsServer(async function* () {
    yield 'bottle_in';
    yield '_flight 1\n';
  });
  port = await server.listen('127.0.0.1', 0);
});
afterEach(() => server.close());

it('answers a scrape', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect([response.status, await response.text()]).toEqual([200, 'bottle_in_flight 1\n']);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
});

it('has nothing of what the admin port offers', async () => {
  for (const path of ['/drain', '/functions', '/config/a', '/metrics/../drain', '/metricsx', '/'])
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(404);
});

it('leaves no connection behind when it is closed', async () => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  server.close();
  await closed;
  expect(socket.destroyed).toBe(true);
});

it('rejects when its port is taken', async () => {
  const second = createMetricsServer(async function* () {});
  await expect(second.listen('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
});
