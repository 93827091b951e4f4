import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const MIB = 1024 * 1024;

/** What `/echo` answers. */
export interface Echo {
  method: string;
  url: string;
  /** Alternating name and value as they came. */
  headers: string[];
  bytes: number;
  sha256: string;
}

/** An upstream whose every path is a behaviour; see ROUTES. */
export interface UpstreamServer {
  url: string;
  port: number;
  /** Requests so far, "GET /echo". */
  readonly requests: string[];
  /** Response body bytes that the operating system took. */
  readonly bytesTaken: number;
  /** Requests that were broken off before their answer was complete. */
  readonly aborted: number;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => Promise<void> | void;

/** Starts it on a free port of the loopback interface. */
export async function startUpstream(): Promise<UpstreamServer> {
  const requests: string[] = [];
  const flaky = new Map<string, number>();
  let bytesTaken = 0;
  let aborted = 0;

  const routes: Readonly<Record<string, Handler>> = {
    '/echo': async (request, response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of request) {
        bytes += (chunk as Buffer).length;
        hash.update(chunk as Buffer);
      }
      const { method = '', url = '', rawHeaders: headers } = request;
      const echo: Echo = { method, url, headers, bytes, sha256: hash.digest('hex') };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(echo));
    },
    '/bytes': (request, response) => {
      response.setHeader('content-type', 'application/octet-stream');
      request.pipe(response);
    },
    '/status': (request, response, query) => {
      request.resume();
      response.writeHead(Number(query.get('code')), query.get('text') ?? '').end(query.get('body') ?? undefined);
    },
    '/headers': (_request, response) => {
      response.writeHead(200, [
        'set-cookie',
        'a=1; Path=/',
        'set-cookie',
        'b=2',
        'x-many',
        'one',
        'x-many',
        'two',
        'x-latin',
        'caf\u00e9',
      ]);
      response.end('ok');
    },
    '/gzip': (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
      response.end(gzipSync('compressed '.repeat(1_000)));
    },
    '/redirect': async (request, response, query) => {
      if (query.has('late')) await request.forEach(() => {});
      else request.resume();
      response.writeHead(Number(query.get('status') ?? 302), { location: query.get('to') ?? '' }).end('moved');
    },
    '/circle': (_request, response) => {
      response.writeHead(302, { location: '/base/circle' }).end();
    },
    '/download': async (_request, response, query) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const chunk = Buffer.alloc(64 * 1024, 'abcdefgh');
      const closed = once(response, 'close');
      for (let left = Number(query.get('mib')) * MIB; left > 0 && !response.destroyed; left -= chunk.length) {
        const more = response.write(chunk, () => {
          bytesTaken += chunk.length;
        });
        if (!more) await Promise.race([once(response, 'drain'), closed]);
      }
      response.end();
    },
    '/early': (_request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too large');
    },
    '/flaky': (request, response, query) => {
      request.resume();
      const key = query.get('key') ?? '';
      const seen = (flaky.get(key) ?? 0) + 1;
      flaky.set(key, seen);
      const fails = seen <= Number(query.get('times'));
      const after = query.get('after');
      if (fails && after !== null) response.setHeader('retry-after', after);
      response.writeHead(fails ? 503 : 200).end(String(seen));
    },
    '/hang': () => {},
    '/drip': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('first');
    },
    '/cut': (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('first', () => response.destroy());
    },
    '/reset': (request) => {
      request.socket.destroy();
    },
  };

  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    requests.push(`${request.method} ${pathname}`);
    request.on('error', () => {});
    response.on('close', () => {
      if (!response.writableEnded) aborted += 1;
    });
    const answer = async (handler: Handler): Promise<void> => handler(request, response, searchParams);
    const handler = routes[pathname.replace(/^\/base/, '')];
    // Whoever sends may break off in the middle: the answer is broken off, too.
    if (handler) answer(handler).catch(() => response.destroy());
    else response.writeHead(404).end(`no ${pathname}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get bytesTaken() {
      return bytesTaken;
    },
    get aborted() {
      return aborted;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
