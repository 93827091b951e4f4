import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Row, toldOf } from './row.ts';

export interface CountingServer {
  host: string;
  port: number;
  close(): void;
}

/** Counts requests by path; `GET /count/path` answers how many there were. */
export async function startCountingServer(): Promise<CountingServer> {
  const counts = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/count')) return void response.end(String(counts.get(url.slice('/count'.length)) ?? 0));
    counts.set(url, (counts.get(url) ?? 0) + 1);
    request.resume().on('end', () => response.end('done'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

function httpRow(method: string, told: string, requests: number): Row {
  return {
    capability: 'http',
    operation: `fetch, ${method}`,
    told,
    truth: requests,
    async run({ bottle, lose }, key) {
      lose(key);
      const body = method === 'GET' ? {} : { body: 'x' };
      const said = await toldOf(async () => (await bottle.http('lossy').fetch(`/${key}`, { method, ...body })).text());
      const counted = await bottle.http('direct').fetch(`/count/${key}`);
      return { told: said, truth: Number(await counted.text()) };
    },
  };
}

export const HTTP_ROWS: readonly Row[] = [
  httpRow('GET', 'answered "done"', 2),
  httpRow('PUT', 'unknown, again (outcome-unknown)', 1),
  httpRow('POST', 'unknown (outcome-unknown)', 1),
  {
    capability: 'http',
    operation: 'fetch, POST, nobody listens',
    told: 'not-done, again (resource-unavailable)',
    truth: null,
    run: async ({ bottle }) => ({
      told: await toldOf(() => bottle.http('nobody').fetch('/', { method: 'POST', body: 'x' })),
      truth: null,
    }),
  },
];
