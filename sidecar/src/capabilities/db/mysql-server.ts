// The connections to one server. Invariants:
//  1. A connection that is given out again is clean: idle, in no transaction, its session as it was set up.
//  2. One that cannot be made clean within a second is thrown away, and the server told to end it.
//  3. There are never more than `limit`, and never more than MAX_WAITING who wait for one.
//  4. Waiting ends with the signal; it ends at once when the server cannot be reached and no connection is left.
//  5. While the server cannot be reached, somebody tries to, for ever.
import type { Logger } from 'pino';
import { BottleError, Code } from '@bottle/protos';
import { MysqlConnection } from './mysql-connection.ts';
import type { MysqlConnectionOptions } from './mysql-options.ts';

const MAX_WAITING = 10_000;
const MIN_RECONNECT_MS = 20;
/** Longest pause between attempts to connect: recovery is noticed within it. */
const MAX_RECONNECT_MS = 500;
const CLEAN_TIMEOUT_MS = 1_000;

export interface MysqlServerOptions {
  connection: MysqlConnectionOptions;
  /** "db.shop", or "db.shop (replica 1)" */
  id: string;
  limit: number;
  log: Logger;
}

export interface AcquireOptions {
  readOnly: boolean;
  signal: AbortSignal;
}

interface Waiter {
  resolve(connection: MysqlConnection): void;
  reject(error: unknown): void;
}

export class MysqlServer {
  readonly #options: MysqlServerOptions;
  readonly #all = new Set<MysqlConnection>();
  readonly #free: MysqlConnection[] = [];
  readonly #waiting = new Set<Waiter>();
  readonly #toKill = new Set<number>();
  #connecting = 0;
  #killing = false;
  #problem: string | undefined = 'mysql: connecting';
  #attempts = 0;
  #reconnect: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MysqlServerOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** Why no connection can be had. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** A clean connection in the right mode. To be given back by `release`, whatever happened to it. */
  async acquire({ readOnly, signal }: AcquireOptions): Promise<MysqlConnection> {
    if (signal.aborted) throw reasonOf(signal);
    const connection = this.#takeFree(readOnly) ?? (await this.#wait(signal));
    if (connection.readOnly === readOnly) return connection;
    const release = this.guard(connection, signal);
    try {
      await connection.setReadOnly(readOnly);
      return connection;
    } catch (error) {
      this.release(connection);
      throw error;
    } finally {
      release();
    }
  }

  /** Throws the connection away when the signal aborts; returns what ends that. */
  guard(connection: MysqlConnection, signal: AbortSignal): () => void {
    const onAbort = (): void => this.discard(connection, reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** Invariants 1 and 2. */
  release(connection: MysqlConnection): void {
    if (connection.isLost) return;
    if (connection.isBusy || this.#closed) this.discard(connection, givenUp());
    else if (connection.dirty || connection.inTransaction) this.#clean(connection);
    else this.#give(connection);
  }

  /** Destroys a connection; what it was doing ends on the server, too. */
  discard(connection: MysqlConnection, error: BottleError): void {
    if (connection.isLost) return;
    if (connection.isBusy || connection.inTransaction) this.#kill(connection.threadId);
    connection.destroy(error);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnect);
    this.#rejectAll(givenUp());
    for (const connection of this.#all) this.discard(connection, givenUp());
  }

  /** One that is in the right mode before one that is not. */
  #takeFree(readOnly: boolean): MysqlConnection | undefined {
    const last = this.#free.length - 1;
    if (last < 0) return undefined;
    const at = this.#free.findLastIndex((connection) => connection.readOnly === readOnly);
    return this.#free.splice(at < 0 ? last : at, 1)[0];
  }

  #wait(signal: AbortSignal): Promise<MysqlConnection> {
    const { id } = this.#options;
    if (this.#closed) throw givenUp();
    if (this.#waiting.size >= MAX_WAITING)
      throw new BottleError(
        Code.RESOURCE_EXHAUSTED,
        'pool-full',
        `${MAX_WAITING} calls wait for a connection of ${id}`,
      );
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        reject(reasonOf(signal));
      };
      const settled = (): void => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        resolve(connection) {
          settled();
          resolve(connection);
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#grow();
    });
  }

  /** Invariant 3. */
  #grow(): void {
    while (this.#waiting.size > this.#connecting && this.#all.size + this.#connecting < this.#options.limit)
      void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#connecting += 1;
    try {
      const connection = await MysqlConnection.open(this.#options.connection);
      this.#connecting -= 1;
      connection.onLost = () => this.#forget(connection);
      this.#all.add(connection);
      this.#reached();
      this.release(connection);
    } catch (error) {
      this.#connecting -= 1;
      this.#notReached(BottleError.from(error));
    }
  }

  #reached(): void {
    const { id, log } = this.#options;
    if (this.#problem !== undefined && this.#attempts > 0) log.info({ resource: id }, 'mysql is connected again');
    this.#problem = undefined;
    this.#attempts = 0;
    clearTimeout(this.#reconnect);
    this.#reconnect = undefined;
  }

  /** Invariants 4 and 5. */
  #notReached(error: BottleError): void {
    if (this.#closed) return;
    const { id, log } = this.#options;
    if (this.#all.size > 0) return; // those that stand serve the ones who wait
    const reported = cannotConnect(error);
    const { message: reason, details } = reported;
    if (this.#attempts === 0) log.warn({ resource: id, reason, ...details }, 'mysql connection failed');
    this.#problem = reason;
    this.#rejectAll(reported);
    if (this.#reconnect !== undefined || this.#connecting > 0) return;
    const pause = Math.min(MIN_RECONNECT_MS * 2 ** Math.min(this.#attempts, 10), MAX_RECONNECT_MS);
    this.#attempts += 1;
    this.#reconnect = setTimeout(
      () => {
        this.#reconnect = undefined;
        void this.#connect();
      },
      pause * (0.5 + Math.random() / 2),
    );
  }

  #rejectAll(error: BottleError): void {
    for (const waiter of this.#waiting) waiter.reject(error);
    this.#waiting.clear();
  }

  #forget(connection: MysqlConnection): void {
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    if (this.#closed) return;
    // Whether the server is still there is found out at once: readiness follows.
    if (this.#all.size === 0 && this.#connecting === 0 && this.#reconnect === undefined) void this.#connect();
    this.#grow();
  }

  #give(connection: MysqlConnection): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.resolve(connection);
      return;
    }
    this.#free.push(connection);
  }

  #clean(connection: MysqlConnection): void {
    const timer = setTimeout(() => this.discard(connection, givenUp()), CLEAN_TIMEOUT_MS);
    connection
      .reset()
      .then(
        () => this.release(connection),
        () => this.discard(connection, givenUp()),
      )
      .finally(() => clearTimeout(timer));
  }

  /** On a connection of its own: the one to be ended does not listen. */
  #kill(threadId: number): void {
    if (this.#closed) return;
    this.#toKill.add(threadId);
    if (this.#killing) return;
    this.#killing = true;
    void this.#killAll().finally(() => {
      this.#killing = false;
    });
  }

  async #killAll(): Promise<void> {
    const { id, log, connection } = this.#options;
    let killer: MysqlConnection | undefined;
    try {
      killer = await MysqlConnection.open(connection);
      for (const threadId of this.#toKill) {
        this.#toKill.delete(threadId);
        const timer = setTimeout(() => killer?.destroy(givenUp()), CLEAN_TIMEOUT_MS);
        // It may have ended by itself.
        await killer.command(`KILL ${threadId}`).catch((error: unknown) => {
          if (BottleError.from(error).details['driverCode'] !== 'ER_NO_SUCH_THREAD') throw error;
        });
        clearTimeout(timer);
      }
    } catch (error) {
      // The server notices the broken connections by itself, later.
      if (!this.#closed) log.warn({ resource: id, err: error }, 'statements under way cannot be ended on the server');
      this.#toKill.clear();
    } finally {
      killer?.destroy(givenUp());
    }
  }
}

function reasonOf(signal: AbortSignal): BottleError {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return BottleError.from(reason);
  return new BottleError(Code.DEADLINE_EXCEEDED, 'resource-timeout', 'no connection was free in time');
}

function givenUp(): BottleError {
  const details = { driverCode: 'ECANCELED' };
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'the connection was given up', { details });
}

/** A wrong password, too, is no mistake of the function that calls. Nothing was sent: it may be sent again. */
function cannotConnect({ reason, message, details }: BottleError): BottleError {
  const text = reason === 'driver-error' ? `mysql refused the connection (${String(details['driverCode'])})` : message;
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', text, { details: { ...details, started: false } });
}
