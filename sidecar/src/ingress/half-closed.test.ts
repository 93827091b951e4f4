import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answerHalfClosed } from './half-closed.ts';

const sockets: Socket[] = [];
let server: Server | undefined;
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

/** Sends one request and a FIN to a server that closes half-open connections after 600 ms of silence. */
async function halfClose(
  request: string,
  answer: RequestListener,
): Promise<{ connections(): Promise<number>; socket: Socket }> {
  const opened = createServer({ keepAliveTimeout: 60_000 }, answer);
  server = opened;
  answerHalfClosed(opened, 600);
  opened.listen(0, '127.0.0.1');
  await once(opened, 'listening');
  const socket = connect({ port: (opened.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {}).resume();
  socket.end(request);
  await once(opened, 'connection');
  const connections = (): Promise<number> =>
    new Promise((resolve) => opened.getConnections((_error, count) => resolve(count)));
  return { connections, socket };
}
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a half-open connection', () => {
  it('is closed when its answer stands still', async () => {
    const { connections } = await halfClose(GET, (_request, response) => {
      setTimeout(() => response.write('a first line, and never another'), 100);
    });
    await expect.poll(connections, { timeout: 5_000 }).toBe(0);
  });
  it('is closed when its client does not read', async () => {
    const { connections, socket } = await halfClose(GET, (_request, response) => {
      setTimeout(() => response.end(Buffer.alloc(64 * 1024 * 1024)), 50);
    });
    socket.pause();
    await expect.poll(connections, { timeout: 5_000 }).toBe(0);
  });
  it('is closed at once when nothing was asked', async () => {
    const { connections } = await halfClose('', () => {});
    await expect.poll(connections, { timeout: 1_000 }).toBe(0);
  });
  it('stays while its function works, however long that takes', async () => {
    const { socket } = await halfClose(GET, (_request, response) => {
      setTimeout(() => response.end('done'), 1_000);
    });
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    await once(socket, 'end');
    expect(text).toMatch(/done$/);
  });
});
