// Axes of requests: bodies, readers, connections, cancels.
import { setTimeout as delay } from 'node:timers/promises';
import type { Axis } from '../axis.ts';
import { runClients } from '../clients/client-order.ts';
import { ask, openReader } from '../http-clients.ts';
import { inBatches, openHttpAxis } from '../pod-axis.ts';

const REPEATS = 4;

const portOf = (url: string): number => Number(new URL(url).port);

/** `cancelSeconds`: how long the cancels of each size last. */
export const httpAxesOf = (cancelSeconds: number): Axis[] => [
  {
    name: 'bodies',
    unit: 'bytes there and back, four times',
    sizes: [10_000, 100_000, 1_000_000, 8_000_000],
    short: [10_000, 100_000, 1_000_000, 4_000_000],
    supported: 8_000_000,
    open: () =>
      openHttpAxis(
        async (url, size) => {
          const body = Buffer.alloc(size, 'x');
          for (let at = 0; at < REPEATS; at++) {
            const { bytes } = await ask(`${url}/echo`, { body });
            if (bytes !== size) throw new Error(`${bytes} bytes came back`);
          }
        },
        (incoming, outgoing) => void incoming.pipe(outgoing),
      ),
  },
  {
    name: 'readers',
    unit: 'of server-sent events, who leave together beside a hundred requests',
    sizes: [10, 100, 1_000, 10_000],
    short: [10, 100, 1_000, 3_000],
    supported: 10_000,
    open: () =>
      openHttpAxis(
        async (url, size) => {
          const readers: Awaited<ReturnType<typeof openReader>>[] = [];
          await inBatches(size, 250, async () => readers.push(await openReader(url)));
          const beside = Array.from({ length: 100 }, () => ask(`${url}/ping`));
          for (const reader of readers) reader.destroy();
          await Promise.all(beside);
        },
        (incoming, outgoing) => {
          if (incoming.url === '/ping') outgoing.end('pong');
          else outgoing.write('data: first\n\n');
        },
      ),
  },
  {
    name: 'connections',
    unit: 'kept alive, each with a request under way, ten times',
    sizes: [10, 100, 1_000, 4_000],
    short: [10, 100, 1_000, 2_000],
    supported: 4_000,
    open: () =>
      openHttpAxis(
        (url, size) => runClients({ kind: 'ask', port: portOf(url), path: '/ping', connections: size, requests: 10 }),
        (_incoming, outgoing) => void outgoing.end('pong'),
      ),
  },
  {
    name: 'waiting-clients',
    unit: 'of a function with 200 places, each with a request under way, ten times',
    sizes: [10, 100, 1_000, 4_000],
    short: [10, 100, 500, 1_000],
    supported: 1_000,
    open: () =>
      openHttpAxis(
        (url, size) => runClients({ kind: 'ask', port: portOf(url), path: '/few', connections: size, requests: 10 }),
        (_incoming, outgoing) => void outgoing.end('pong'),
      ),
  },
  {
    name: 'cancels',
    unit: `per second for ${cancelSeconds} s, beside ordinary requests`,
    sizes: [20, 200, 1_000, 2_000],
    short: [20, 200, 500, 1_000],
    supported: 2_000,
    open: () =>
      openHttpAxis(
        async (url, size) => {
          let isOver = false;
          const ordinary = (async () => {
            for (; !isOver; await delay(20)) await ask(`${url}/ping`);
          })();
          const order = { kind: 'cancel', port: portOf(url), path: '/wait', seconds: cancelSeconds } as const;
          const leaving = runClients({ ...order, perSecond: size }).finally(() => (isOver = true));
          await Promise.all([leaving, ordinary]);
        },
        (incoming, outgoing) => void (incoming.url === '/ping' && outgoing.end('pong')),
      ),
  },
];
