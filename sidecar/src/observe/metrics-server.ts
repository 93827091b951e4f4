// GET /metrics, and nothing else: for Prometheus, which must not reach what else the admin port offers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Time for a scrape's request to arrive. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;

export interface MetricsServer {
  /** Resolves with the port that was taken. */
  listen(host: string, port: number): Promise<number>;
  close(): void;
}

/** `render` makes the Prometheus text that every scrape gets, in parts. */
export function createMetricsServer(render: () => AsyncIterable<string>): MetricsServer {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
    ({ method, url }, response) => {
      const isScrape = (method === 'GET' || method === 'HEAD') && /^\/metrics(\?|$)/.test(url ?? '');
      if (isScrape) {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
        const page = method === 'HEAD' ? [] : render();
        pipeline(Readable.from(page), response).catch(() => {}); // it left before the end
      } else response.writeHead(404, { 'content-type': 'text/plain', connection: 'close' }).end('only GET /metrics\n');
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return {
    async listen(host, port) {
      await once(server.listen(port, host), 'listening');
      const address = server.address();
      return typeof address === 'object' && address ? address.port : port;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
