import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BottleError, Code, EncodedSqlResult, fromWireError } from '@bottle/protos';
import type { SqliteFileOptions } from './sqlite-connection.ts';
import type { ProcessAnswer, ProcessOrder, SqliteHost, SqliteOrder, SqliteReply } from './sqlite-orders.ts';

/** How long the process may go on with what nobody waits for: on a busy machine a short part of a stream takes a while, too. */
const GRACE_MS = 250;

interface Asked {
  order: SqliteOrder;
  settle(outcome: SqliteReply | undefined): void;
}

/** Connections to one file in a process of their own. */
export class SqliteProcess implements SqliteHost {
  readonly #child: ChildProcess;
  /** In the order of asking, which is that of the answers. */
  readonly #asked = new Map<number, Asked>();
  #lastNumber = 0;
  #isOver = false;

  constructor(options: SqliteFileOptions) {
    const isSource = import.meta.url.endsWith('.ts');
    const entry = isSource ? './sqlite-child-process.ts' : './sqlite-child-process.js';
    this.#child = fork(fileURLToPath(new URL(entry, import.meta.url)), [JSON.stringify(options)], {
      serialization: 'advanced',
      execArgv: isSource ? ['--conditions=source'] : [], // none of this process': not its inspector
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: ProcessAnswer) => this.#onAnswer(answer));
    this.#child.on('exit', () => this.#onEnd());
    this.#child.on('error', () => {
      this.#child.kill('SIGKILL'); // it could not be started, or not be told something
      this.#onEnd();
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get current(): SqliteOrder | undefined {
    return this.#first?.order;
  }

  ask(connection: number, order: SqliteOrder, signal?: AbortSignal): Promise<SqliteReply> {
    if (this.#isOver) return Promise.reject(lost());
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let wasFirst = false;
      /** What others wait for is not ended on this one's account, nor is one that has just begun. */
      const look = (): void => {
        if (wasFirst && this.#first === asked) this.#child.kill('SIGKILL');
        else onAbort();
      };
      const onAbort = (): void => {
        wasFirst = this.#first === asked;
        timer = setTimeout(look, GRACE_MS);
      };
      const asked: Asked = {
        order,
        settle(outcome) {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (outcome) resolve(outcome);
          else reject(signal?.aborted ? (signal.reason as Error) : lost());
        },
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
      const number = ++this.#lastNumber;
      this.#asked.set(number, asked);
      this.#child.send({ number, connection, order } satisfies ProcessOrder);
    });
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS); // a statement keeps it
    await exit;
    clearTimeout(killer);
  }

  get #first(): Asked | undefined {
    return this.#asked.values().next().value;
  }

  #onAnswer({ number, bytes, error, ...rest }: ProcessAnswer): void {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    asked?.settle({
      ...rest,
      ...(bytes ? { result: new EncodedSqlResult(bytes) } : {}),
      ...(error ? { error: fromWireError(error) } : {}),
    });
  }

  #onEnd(): void {
    this.#isOver = true;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const each of asked) each.settle(undefined);
  }
}

function lost(): BottleError {
  const message =
    'the process that works on the file has ended: it died, or was busy with a statement that nobody waited for';
  return new BottleError(Code.UNAVAILABLE, 'connection-lost', message);
}
