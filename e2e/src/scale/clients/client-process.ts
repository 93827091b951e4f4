// Many clients in a process of their own: a ClientOrder in, a ClientResult out, over IPC. Raw sockets, because the known
// clients cost more than the servers.
import { connect } from 'node:net';
import { Connection } from '../../overload/connection.ts';
import { inBatches } from '../pod-axis.ts';
import type { ClientOrder, ClientResult } from './client-order.ts';

const TICK_MS = 1;
/** How long a client waits before it leaves. */
const PATIENCE_MS = 20;
/** Of the clients that were ordered, so many have to have come. */
const ENOUGH = 0.98;

/** Connections that are opened at the same time. */
const OPENED_AT_ONCE = 250;

type AskOrder = Extract<ClientOrder, { kind: 'ask' }>;
type CancelOrder = Extract<ClientOrder, { kind: 'cancel' }>;

const requestOf = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: test\r\n\r\n`;

async function ask({ port, path, connections, requests }: AskOrder): Promise<ClientResult> {
  const clients: Asking[] = [];
  await inBatches(connections, OPENED_AT_ONCE, async () => void clients.push(await Asking.open(port, path)));
  const answers = await Promise.allSettled(clients.map((client) => client.again(requests - 1)));
  const failed = answers.filter((answer) => answer.status === 'rejected');
  const [first] = failed;
  if (!first) return {};
  return { problem: `${failed.length} of ${connections} connections failed: ${(first.reason as Error).message}` };
}

/** A connection that asks again as soon as it has its answer. */
class Asking {
  readonly #request: string;
  readonly #connection: Connection;
  #onAnswer = (): void => {};
  #onProblem: (error: Error) => void = () => {};

  private constructor(port: number, path: string) {
    this.#request = requestOf(path);
    this.#connection = new Connection(port, {
      onResponse: ({ status, body }) => {
        if (status === 200) this.#onAnswer();
        else this.#onProblem(new Error(`answered with ${status}: ${body.slice(0, 300)}`));
      },
      onLeft: () => {},
      onClosed: (_dueAt, why) => this.#onProblem(new Error(why)),
    });
  }

  /** Resolves when it has its first answer. */
  static async open(port: number, path: string): Promise<Asking> {
    const client = new Asking(port, path);
    await client.again(1);
    return client;
  }

  /** Resolves when it has so many more. */
  again(times: number): Promise<void> {
    let left = times;
    return new Promise((resolve, reject) => {
      this.#onProblem = reject;
      this.#onAnswer = () => {
        left -= 1;
        if (left > 0) this.#ask();
        else resolve();
      };
      if (left > 0) this.#ask();
      else resolve();
    });
  }

  #ask(): void {
    this.#connection.send(this.#request, performance.now(), undefined);
  }
}

function cancel({ port, path, perSecond, seconds }: CancelOrder): Promise<ClientResult> {
  const request = requestOf(path);
  const startedAt = performance.now();
  let sent = 0;
  let connected = 0;
  const problems = new Set<string>();
  return new Promise((resolve) => {
    const ticker = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1_000;
      for (const due = Math.min(elapsed, seconds) * perSecond; sent < due; sent++) leaveAfterAWhile();
      if (elapsed < seconds + PATIENCE_MS / 1_000) return;
      clearInterval(ticker);
      const problem =
        connected < sent * ENOUGH ? `${connected} of ${sent} clients came: ${[...problems].join(', ')}` : undefined;
      resolve(problem === undefined ? {} : { problem });
    }, TICK_MS);
  });

  function leaveAfterAWhile(): void {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('connect', () => {
      connected += 1;
      socket.write(request);
      // At once: a connection that is closed in an orderly way keeps its port for a minute, and there are not so many.
      setTimeout(() => socket.resetAndDestroy(), PATIENCE_MS);
    });
    socket.on('error', ({ message }) => problems.add(message));
  }
}

process.once('message', (order: ClientOrder) => {
  void (order.kind === 'ask' ? ask(order) : cancel(order)).then((result) =>
    process.send?.(result, () => process.exit(0)),
  );
});
process.once('disconnect', () => process.exit(1));
