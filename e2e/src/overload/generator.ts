// The load generator, a process of its own: a LoadOrder in, a LoadResult out, over IPC. Open loop: each request has a time at
// which it is sent, and its latency counts from then. Raw sockets, because the known clients cost more than the sidecar.
import { Connection } from './connection.ts';
import type { LoadOrder, LoadResult } from './load-messages.ts';
import { quantiles } from './quantiles.ts';
import type { ParsedResponse } from './response-parser.ts';

const TICK_MS = 1;
/** After the last request, for answers that are on their way. */
const LINGER_MS = 1_500;
const LATE_REFUSAL_MS = 50;
const KEPT_IDS = 20;
/** Further requests find no connection: what is not answered must not pile up here. */
const MAX_SOCKETS = 8_000;

class Load {
  readonly #order: LoadOrder;
  readonly #request: string;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #goodMs: number[] = [];
  readonly #refusedMs: number[] = [];
  readonly #result: Omit<LoadResult, 'goodMs' | 'refusedMs'> & { others: Record<string, number> };
  #countFrom = 0;
  #countUntil = 0;
  #isOver = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    const headers = Object.entries({ host: 'test', 'content-length': '0', ...order.headers });
    this.#request = `POST ${order.path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
    this.#result = {
      seconds: order.durationMs / 1_000,
      sent: 0,
      good: 0,
      refused: 0,
      refusedLate: 0,
      withoutRetryAfter: 0,
      left: 0,
      others: {},
      ids: { good: [], refused: [], late: [] },
    };
  }

  run(): Promise<LoadResult> {
    const { pace, warmUpMs, durationMs } = this.#order;
    const startedAt = performance.now();
    this.#countFrom = startedAt + warmUpMs;
    const endsAt = this.#countFrom + durationMs;
    this.#countUntil = endsAt;
    return new Promise((resolve) => {
      if (pace.kind === 'closed') for (let client = 0; client < pace.clients; client++) this.#send(startedAt);
      let sent = 0;
      const ticker = setInterval(() => {
        const now = performance.now();
        if (pace.kind === 'open') {
          const due = Math.floor(((Math.min(now, endsAt) - startedAt) / 1_000) * pace.rate);
          for (; sent < due; sent++) this.#send(startedAt + (sent / pace.rate) * 1_000);
        }
        if (now < endsAt) return;
        clearInterval(ticker);
        this.#isOver = true;
        setTimeout(
          () => {
            for (const connection of this.#all) connection.close();
            resolve({ ...this.#result, goodMs: quantiles(this.#goodMs), refusedMs: quantiles(this.#refusedMs) });
          },
          Math.min(LINGER_MS, this.#order.deadlineMs),
        );
      }, TICK_MS);
    });
  }

  #send(dueAt: number): void {
    const connection = this.#idle.pop() ?? this.#connect();
    if (dueAt >= this.#countFrom) this.#result.sent += 1;
    if (connection) connection.send(this.#request, dueAt, this.#order.patienceMs);
    else this.#count(dueAt, 'no connection');
  }

  #connect(): Connection | undefined {
    if (this.#all.size >= MAX_SOCKETS) return undefined;
    const connection = new Connection(this.#order.port, {
      onResponse: (response, dueAt) => {
        this.#idle.push(connection);
        this.#settle(response, dueAt);
        if (this.#order.pace.kind === 'closed' && !this.#isOver) this.#send(performance.now());
      },
      onLeft: (dueAt) => {
        if (dueAt >= this.#countFrom) this.#result.left += 1;
      },
      onClosed: (dueAt, why) => {
        this.#all.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at !== -1) this.#idle.splice(at, 1);
        if (dueAt !== undefined && !this.#isOver) this.#count(dueAt, why);
      },
    });
    this.#all.add(connection);
    return connection;
  }

  #settle({ status, head, body }: ParsedResponse, dueAt: number): void {
    const now = performance.now();
    const tookMs = now - dueAt;
    if (status === 200 && tookMs <= this.#order.deadlineMs) {
      if (now < this.#countFrom || now > this.#countUntil) return;
      this.#result.good += 1;
      this.#goodMs.push(tookMs);
      return;
    }
    if (dueAt < this.#countFrom) return;
    if (status === 200) return this.#count(dueAt, '200 too late');
    const { reason, invocationId } = problemOf(body);
    const { ids } = this.#result;
    if (status === 503 && reason === 'overloaded') {
      this.#result.refused += 1;
      this.#refusedMs.push(tookMs);
      if (tookMs > LATE_REFUSAL_MS) this.#result.refusedLate += 1;
      if (!/\r\nretry-after: *\d/i.test(head)) this.#result.withoutRetryAfter += 1;
      if (ids.refused.length < KEPT_IDS) ids.refused.push(invocationId);
      return;
    }
    if (status === 504) ids.late.push(invocationId);
    this.#count(dueAt, `${status} ${reason}`);
  }

  #count(dueAt: number, kind: string): void {
    if (dueAt >= this.#countFrom) this.#result.others[kind] = (this.#result.others[kind] ?? 0) + 1;
  }
}

function problemOf(body: string): { reason: string; invocationId: string } {
  try {
    const { reason = '', invocationId = '' } = JSON.parse(body) as { reason?: string; invocationId?: string };
    return { reason, invocationId };
  } catch {
    return { reason: body.slice(0, 40), invocationId: '' };
  }
}

process.once('message', (order: LoadOrder) => {
  void new Load(order).run().then((result) => process.send?.(result, () => process.exit(0)));
});
process.once('disconnect', () => process.exit(1));
