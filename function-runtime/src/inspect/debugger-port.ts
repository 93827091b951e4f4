// The port of --inspect and --inspect-brk. The process opens it by itself, not Node.js by its flag: a process in reserve
// must not have it, and one that takes over gets it from the one before.
import { once } from 'node:events';
import inspector from 'node:inspector';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FaaSLogger } from 'bottle-sdk';

const RETRY_MS = 50;
/** How long another process may have the port before that is worth a line. */
const PATIENCE_MS = 1_000;

export interface DebuggerPortOptions {
  /** "127.0.0.1:9229" */
  address: string;
  logger: FaaSLogger;
}

export class DebuggerPort {
  readonly #host: string;
  readonly #port: number;
  readonly #address: string;
  readonly #logger: FaaSLogger;
  #wanted = false;

  constructor({ address, logger }: DebuggerPortOptions) {
    const colon = address.lastIndexOf(':');
    this.#host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
    this.#port = Number(address.slice(colon + 1));
    this.#address = address;
    this.#logger = logger;
    watchSupervisor();
  }

  /** Throws when another process has the port. */
  async open(): Promise<void> {
    const problem = await this.#problem();
    if (problem !== undefined) throw new Error(`the debugger's port ${this.#address} cannot be had: ${problem}`);
    this.#wanted = true;
    inspector.open(this.#port, this.#host);
  }

  /** Waits for the process that has the port: one that stands at a breakpoint gives it away when it goes on. */
  async takeOver(): Promise<void> {
    this.#wanted = true;
    const worthALineAt = performance.now() + PATIENCE_MS;
    for (let said = false; this.#wanted && inspector.url() === undefined; await delay(RETRY_MS)) {
      const problem = await this.#problem();
      if (problem === undefined && this.#wanted) inspector.open(this.#port, this.#host);
      else if (!said && performance.now() > worthALineAt) {
        said = true;
        const held = 'the code from before, as long as it stands at a breakpoint, or another program';
        this.#logger.warn({ address: this.#address }, `the debugger's port is still held: by ${held}`);
      }
    }
  }

  /** Whoever is attached is let go. */
  close(): void {
    this.#wanted = false;
    if (inspector.url() !== undefined) inspector.close();
  }

  /** Returns when somebody is attached and lets the process run; it stands still meanwhile. */
  waitForDebugger(): void {
    inspector.waitForDebugger();
  }

  /** Why nobody can listen there; Node.js only prints it. */
  async #problem(): Promise<string | undefined> {
    const server = createServer().listen(this.#port, this.#host);
    try {
      await once(server, 'listening');
      await once(server.close(), 'close');
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    }
  }
}

/** A process that stands still does not notice that its supervisor is gone: a thread does. */
function watchSupervisor(): void {
  const entry = import.meta.url.endsWith('.ts') ? './supervisor-thread.ts' : './supervisor-thread.js';
  new Worker(new URL(entry, import.meta.url), { workerData: { supervisor: process.ppid } }).unref();
}
