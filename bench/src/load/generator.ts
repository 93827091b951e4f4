// The load generator, a process of its own: a closed loop over raw sockets. The known ones report milliseconds and
// spend more CPU per request than the sidecar they would measure. Talks to its parent over IPC: a LoadOrder in, a
// LoadResult out.
import { connect, type Socket } from 'node:net';
import { Histogram } from './histogram.ts';
import { ResponseReader } from './response-reader.ts';

/** What shall be sent. Durations in milliseconds. */
export interface LoadOrder {
  port: number;
  connections: number;
  /** The whole request, latin1. */
  request: string;
  /** The body that each connection's first response must have; undefined: any. */
  expectedBody?: string | undefined;
  warmUpMs: number;
  /** Ends by time or by count, whichever comes first. */
  durationMs: number;
  maxRequests?: number | undefined;
}

export interface LoadResult {
  requests: number;
  errors: number;
  seconds: number;
  p50Us: number;
  p99Us: number;
}

/** Sent when the warm-up is over, so that the parent reads its counters at the same moment. */
export type LoadMessage = { kind: 'measuring' } | { kind: 'done'; result: LoadResult };

function run(order: LoadOrder): Promise<LoadResult> {
  const request = Buffer.from(order.request, 'latin1');
  const histogram = new Histogram();
  const maxRequests = order.maxRequests ?? Number.POSITIVE_INFINITY;
  let measuringSince = Number.POSITIVE_INFINITY;
  let requests = 0;
  let errors = 0;
  let stopped = false;

  return new Promise((resolve) => {
    const sockets = Array.from({ length: order.connections }, () => open());
    setTimeout(() => {
      measuringSince = performance.now();
      process.send?.({ kind: 'measuring' } satisfies LoadMessage);
      setTimeout(finish, order.durationMs);
    }, order.warmUpMs);

    function finish(): void {
      if (stopped) return;
      stopped = true;
      for (const socket of sockets) socket.destroy();
      const seconds = (performance.now() - measuringSince) / 1_000;
      resolve({ requests, errors, seconds, p50Us: histogram.quantile(0.5), p99Us: histogram.quantile(0.99) });
    }

    function open(): Socket {
      const reader = new ResponseReader();
      const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
      let sentAt = 0;
      let isFirst = true;
      const send = (): void => {
        sentAt = performance.now();
        socket.write(request);
      };
      socket.on('connect', send);
      socket.on('data', (chunk: Buffer) => {
        const response = reader.push(chunk);
        if (!response || stopped) return;
        const now = performance.now();
        const isWrong = isFirst && order.expectedBody !== undefined && response.body.toString() !== order.expectedBody;
        isFirst = false;
        if (response.status !== 200 || isWrong) errors += 1;
        if (sentAt >= measuringSince) {
          requests += 1;
          histogram.record((now - sentAt) * 1_000);
          if (requests >= maxRequests) return finish();
        }
        send();
      });
      socket.on('error', () => {
        if (!stopped) errors += 1;
      });
      return socket;
    }
  });
}

process.once('message', (order: LoadOrder) => {
  void run(order).then((result) =>
    process.send?.({ kind: 'done', result } satisfies LoadMessage, () => process.exit(0)),
  );
});
process.once('disconnect', () => process.exit(1));
