import { connect, createServer } from 'node:net';

/** A TCP endpoint. */
export interface Endpoint {
  host: string;
  port: number;
}

/** The endpoint of a URL; undefined when it has none. */
export function endpointOfUrl(url: string, defaultPort: number): Endpoint | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  if (hostname === '') return undefined;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? defaultPort : Number(port) };
}

const givenPorts = new Set<number>();

/**
 * A port of 127.0.0.1 that nobody uses and this process was not given before, below the ranges that systems give to outgoing connections: while a server is
 * down, a client that connects again and again must not be given the server's own port to connect from.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (givenPorts.has(port)) continue;
    givenPorts.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Throws when nothing accepts connections at the endpoint within 2 seconds. */
export async function assertAccepts(endpoint: Endpoint): Promise<void> {
  await converse(endpoint, undefined, undefined);
}

/**
 * Sends a request and resolves when `isReady` says so of what came back; `isReady` may throw. Rejects when that takes
 * longer than 2 seconds, or the connection ends before.
 */
export async function assertAnswer(
  endpoint: Endpoint,
  request: Uint8Array | undefined,
  isReady: (received: Buffer) => boolean,
): Promise<void> {
  await converse(endpoint, request, isReady);
}

function converse(
  { host, port }: Endpoint,
  request: Uint8Array | undefined,
  isReady: ((received: Buffer) => boolean) | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port });
  const deadline = setTimeout(() => reject(new Error(`${host}:${port} did not answer within 2 s`)), 2000);
  let received = Buffer.alloc(0);
  socket.on('connect', () => {
    if (isReady === undefined) resolve();
    else if (request !== undefined) socket.write(request);
  });
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, Buffer.from(chunk as Uint8Array)]);
    try {
      if (isReady?.(received)) resolve();
    } catch (error) {
      reject(error);
    }
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error(`${host}:${port} closed the connection`)));
  return promise.finally(() => {
    clearTimeout(deadline);
    socket.destroy();
  });
}
