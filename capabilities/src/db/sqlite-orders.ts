// What a connection is asked, and what comes back. Plain data: it crosses from process to process.
import type { SQLInputValue } from 'node:sqlite';
import type { BottleError, toWireError } from '@bottle/protos';
import type { SqlOutcome } from './database-port.ts';

export interface SqliteStatement {
  sql: string;
  /** As SQLite binds them. */
  values: readonly SQLInputValue[];
}

export type SqliteOrder =
  | { do: 'open' }
  /** A statement of our own, without answer. */
  | { do: 'command'; sql: string }
  | { do: 'run'; statement: SqliteStatement; maxRows: number }
  /** `run` as a transaction of its own, so that nothing is done when the answer turns out to be too large. */
  | { do: 'write'; statement: SqliteStatement; maxRows: number }
  /** All rows or none; `isWithin` a transaction that goes on. */
  | { do: 'batch'; sql: string; rows: readonly (readonly SQLInputValue[])[]; isWithin: boolean }
  /** The first part of an answer; `next` asks for one more until one is the last, `leave` for none. */
  | { do: 'stream'; statement: SqliteStatement }
  | { do: 'next' }
  | { do: 'leave' }
  | { do: 'close' };

export interface SqliteReply {
  result?: SqlOutcome | undefined;
  /** No part follows. */
  isLast: boolean;
  /** Set when it failed. */
  error?: BottleError | undefined;
  /** Whether the connection is in a transaction now. */
  isTransaction: boolean;
  /** How long it took. */
  ms: number;
}

/** An order on its way to a process. */
export interface ProcessOrder {
  number: number;
  connection: number;
  order: SqliteOrder;
}

/** Its reply on the way back. */
export interface ProcessAnswer extends Pick<SqliteReply, 'isLast' | 'isTransaction' | 'ms'> {
  number: number;
  /** The result, encoded. */
  bytes?: Uint8Array;
  error?: ReturnType<typeof toWireError>;
}

/** Where connections live. */
export interface SqliteHost {
  /** It has ended, and its connections with it. */
  readonly isOver: boolean;
  /** What it is at work on. */
  readonly current: SqliteOrder | undefined;
  /**
   * Orders are served one after the other, whatever their connection. Rejects when the host ends before the answer: one that
   * is at work for longer than a moment on what nobody waits for any more (`signal`) is ended, because a statement cannot be
   * stopped half way.
   */
  ask(connection: number, order: SqliteOrder, signal?: AbortSignal): Promise<SqliteReply>;
  close(): Promise<void>;
}

/** So many parts of a stream are asked for at a time: a process that waits to be asked would stand still half of the time. */
const PARTS_AHEAD = 3;

/** One connection, wherever it lives. */
export class SqliteSession {
  readonly host: SqliteHost;
  readonly id: number;
  #isTransaction = false;

  constructor(host: SqliteHost, id: number) {
    this.host = host;
    this.id = id;
  }

  /** As of its last answer. */
  get isTransaction(): boolean {
    return this.#isTransaction && !this.host.isOver;
  }

  /** Rejects with what the connection answers, and when its host ends. */
  async ask(order: SqliteOrder, signal?: AbortSignal): Promise<SqliteReply> {
    const reply = await this.host.ask(this.id, order, signal);
    this.#isTransaction = reply.isTransaction;
    if (reply.error) throw reply.error;
    return reply;
  }

  /** Parts of a result set. The next ones are read while one is being used; nothing else may use this connection meanwhile. */
  async *stream(statement: SqliteStatement, signal?: AbortSignal): AsyncGenerator<SqlOutcome> {
    const asked: Promise<SqliteReply>[] = [];
    const ask = (order: SqliteOrder): void => {
      const reply = this.ask(order, signal);
      reply.catch(() => {}); // thrown when it is its turn
      asked.push(reply);
    };
    let isOver = false;
    try {
      ask({ do: 'stream', statement });
      for (let next = asked.shift(); next && !isOver; next = asked.shift()) {
        const { result, isLast } = await next;
        isOver = isLast;
        while (!isOver && asked.length < PARTS_AHEAD) ask({ do: 'next' });
        signal?.throwIfAborted();
        if (result) yield result;
      }
    } finally {
      if (!isOver) await this.ask({ do: 'leave' }, signal).catch(() => {});
    }
  }
}
