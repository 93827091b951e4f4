import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { closeListener } from './close-listener.ts';

/** Connects as often as it is told, and says what became of each connection: 'answered', or how it failed. */
const CLIENTS = `
  const { connect } = require('node:net');
  const { parentPort, workerData: connected } = require('node:worker_threads');
  parentPort.on('message', ({ port, host, count }) => {
    for (let index = 0; index < count; index++) {
      const socket = connect({ port, host }, () => {
        Atomics.add(connected, 0, 1);
        Atomics.notify(connected, 0);
        socket.write('hello');
      });
      socket.on('data', () => { parentPort.postMessage('answered'); socket.destroy(); });
      socket.on('error', ({ code }) => parentPort.postMessage(code));
    }
  });`;
const connected = new Int32Array(new SharedArrayBuffer(4));
const outcomes: string[] = [];
let clients: Worker;
let server: Server;
beforeEach(async () => {
  connected[0] = 0;
  outcomes.length = 0;
  server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (bytes) => socket.write(bytes));
  });
  clients = new Worker(CLIENTS, { eval: true, workerData: connected });
  clients.on('message', (outcome: string) => outcomes.push(outcome));
  await once(clients, 'online');
});
afterEach(async () => {
  server.close();
  await clients.terminate();
});

async function listen(host: string): Promise<{ port: number; host: string }> {
  server.listen(0, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, host: host === '::' ? '::1' : '127.0.0.1' };
}

/** Holds this thread up until the clients have that many connections more, as a busy machine would. */
function connectMeanwhile(count: number, to: { port: number; host: string }): void {
  const wanted = (connected[0] ?? 0) + count;
  clients.postMessage({ ...to, count });
  for (let now = connected[0] ?? 0; now < wanted; now = connected[0] ?? 0) Atomics.wait(connected, 0, now);
}

it.each(['127.0.0.1', '0.0.0.0', '::'])(
  'serves those who wait in the queue of %s when it is to be closed',
  async (host) => {
    const to = await listen(host);
    connectMeanwhile(20, to);
    await closeListener(server);
    await expect.poll(() => outcomes.length).toBe(20);
    expect(new Set(outcomes)).toEqual(new Set(['answered']));
  },
);

it('serves those who come between its last look at the queue and the close', async () => {
  const to = await listen('127.0.0.1');
  const { _handle: handle } = server as unknown as { _handle: { listen(queueLength: number): number } };
  const shorten = handle.listen.bind(handle);
  let surprises = 0;
  handle.listen = (queueLength) => {
    if (queueLength < 10 && surprises++ < 3) connectMeanwhile(5, to);
    return shorten(queueLength);
  };
  await closeListener(server);
  expect(surprises).toBe(4);
  await expect.poll(() => outcomes.length).toBe(15);
  expect(new Set(outcomes)).toEqual(new Set(['answered']));
});

it('refuses those who come after it', async () => {
  const to = await listen('127.0.0.1');
  await closeListener(server);
  clients.postMessage({ ...to, count: 3 });
  await expect.poll(() => outcomes).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
});

it('closes all the same where it cannot see into the queue', async () => {
  await listen('127.0.0.1');
  const { _handle: handle } = server as unknown as { _handle: { listen(queueLength: number): number } };
  handle.listen = () => 0;
  Object.defineProperty(server, 'address', { value: () => ({ address: '127.0.0.1', port: 1 }) });
  await closeListener(server);
  expect(server.listening).toBe(false);
});
