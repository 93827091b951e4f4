import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';

export interface Kind {
  name: string;
  method: 'GET' | 'POST';
  path: string;
  perSecond: number;
  /** Bytes of the request's body. */
  bytes: number;
}

export interface Tally {
  sent: number;
  answered: number;
  /** "503 connection-lost" → how often. */
  failures: Map<string, number>;
}

/** Requests of several kinds at fixed rates, each with an id of its own. */
export class Traffic {
  readonly tallies = new Map<string, Tally>();
  /** Ids of requests that were answered with 200, of the kinds that ask for it. */
  readonly acknowledged = new Set<string>();
  /** All connections take turns: those that nobody used would be closed, and their number say nothing of the pod. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' });
  readonly #timers: NodeJS.Timeout[];
  readonly #url: string;

  constructor(url: string, kinds: readonly Kind[], remember: string) {
    this.#url = url;
    this.#timers = kinds.map((kind) => {
      const tally: Tally = { sent: 0, answered: 0, failures: new Map() };
      this.tallies.set(kind.name, tally);
      const body = Buffer.alloc(kind.bytes, '1');
      const startedAt = performance.now();
      return setInterval(() => {
        const due = ((performance.now() - startedAt) / 1_000) * kind.perSecond;
        while (tally.sent < due) this.#send(kind, body, tally, kind.name === remember);
      }, 5);
    });
  }

  /** Sends no more; resolves when everything is answered, or after 30 s. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const deadline = performance.now() + 30_000;
    while ([...this.tallies.values()].some(({ sent, answered }) => answered < sent) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    this.#agent.destroy();
  }

  #send({ method, path }: Kind, body: Buffer, tally: Tally, remember: boolean): void {
    tally.sent += 1;
    const id = randomUUID();
    const settle = (failure: string | undefined): void => {
      tally.answered += 1;
      if (failure === undefined) {
        if (remember) this.acknowledged.add(id);
      } else tally.failures.set(failure, (tally.failures.get(failure) ?? 0) + 1);
    };
    const headers = { 'x-request': id, 'content-type': 'application/octet-stream', 'content-length': body.length };
    const request = httpRequest(`${this.#url}${path}`, { method, agent: this.#agent, headers }, (response) => {
      let text = '';
      const { statusCode = 0 } = response;
      response.on('data', (chunk: Buffer) => {
        if (statusCode !== 200 && text.length < 10_000) text += String(chunk);
      });
      response.once('error', () => settle('cut off'));
      response.once('end', () => settle(statusCode === 200 ? undefined : `${statusCode} ${reasonOf(text)}`));
    });
    request.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    request.end(body);
  }
}

function reasonOf(body: string): string {
  return /"reason":"([\w-]+)"/.exec(body)?.[1] ?? '';
}
