import type { Socket } from 'node:net';
import { BottleError, Code, type SqlValue } from '@bottle/protos';
import { type Connection, createConnection, type FieldPacket, type PrepareStatementInfo } from 'mysql2';
import type { EventEmitter } from 'node:events';
import { ER_UNSUPPORTED_PS, errnoOf, fromMysqlError } from './mysql-errors.ts';
import { type ReadColumns, readColumns, type ReadingOptions } from './mysql-columns.ts';
import { type MysqlConnectionOptions, OPEN_TIMEOUT_MS, toMysqlOptions } from './mysql-options.ts';
import { toMysql } from './mysql-values.ts';

/** Flags of the server's answers. */
const IN_TRANSACTION = 1;
const IN_READ_ONLY_TRANSACTION = 0x2000;
/** Statements that leave nothing behind in their session. */
const LEAVES_NO_TRACE = /^[\s(]*(select|insert|update|delete|replace|with|values|explain|show|describe|desc)\b/i;
const LEAVES_A_TRACE = /get_lock|:=/i;

/** What the server did not say. */
const LOST: ReadonlySet<string> = new Set(['connection-lost', 'resource-unavailable']);

/** Where the rows of an answer go. */
export interface RowSink {
  onColumns(columns: ReadColumns): void;
  onRow(row: unknown[]): void;
}

export interface RunCounts {
  affectedRows: number;
  insertId: number | bigint;
}

/** Who waits for a statement. */
interface Following {
  sink: RowSink;
  /** Its rows come by the text protocol. */
  isText: boolean;
  resolve(counts: RunCounts): void;
  reject(error: unknown): void;
}

/** One connection that runs one statement at a time. Its session is in UTC and strict. */
export class MysqlConnection {
  readonly #connection: Connection;
  readonly #sessionSql: string;
  readonly #reading: ReadingOptions;
  #reject: ((error: BottleError) => void) | undefined;
  #lost: BottleError | undefined;
  #maxPacketBytes = Number.POSITIVE_INFINITY;
  #isOpen = false;
  /** The server has been asked what a statement is, not to run it. */
  #isPreparing = false;
  /** Called once, when it cannot be used any more. */
  onLost: (() => void) | undefined;
  /** Transactions of the session only read. */
  readOnly = false;
  /** As far as the server told: it does not after a select. */
  inTransaction = false;
  inReadOnlyTransaction = false;
  /** What the server wanted to be known of the last command. */
  warnings = 0;
  /** The last statement that failed had begun to run. */
  hasRun = false;
  /** Statements may have left something in the session. */
  dirty = false;

  private constructor(connection: Connection, sessionSql: string, reading: ReadingOptions) {
    this.#connection = connection;
    this.#sessionSql = sessionSql;
    this.#reading = reading;
    connection.on('error', (error: unknown) => this.destroy(this.#explain(error)));
  }

  /** Resolves to a connection whose session is set up. Rejects with BottleError, at the latest after 2 seconds. */
  static async open(options: MysqlConnectionOptions): Promise<MysqlConnection> {
    const connection = createConnection(toMysqlOptions(options));
    const sessionSql = `SET SESSION time_zone = '+00:00', sql_mode = ${connection.escape(options.sqlMode)}`;
    const opened = new MysqlConnection(connection, sessionSql, options.reading);
    const timer = setTimeout(() => opened.destroy(unavailable('no answer', 'ETIMEDOUT')), OPEN_TIMEOUT_MS);
    try {
      await opened.#exclusively<void>((resolve) => connection.once('connect', () => resolve()));
      await opened.command(sessionSql);
      const sink = { onColumns: () => {}, onRow: ([bytes]: unknown[]) => (opened.#maxPacketBytes = Number(bytes)) };
      await opened.run('SELECT @@max_allowed_packet', [], sink);
      opened.#isOpen = true;
      return opened;
    } catch (error) {
      opened.destroy(unavailable('not needed', 'ECANCELED'));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The server's number for this connection. */
  get threadId(): number {
    return this.#connection.threadId;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** A statement is under way. */
  get isBusy(): boolean {
    return this.#reject !== undefined;
  }

  /** A statement as a prepared one; its rows go to the sink as they arrive. */
  run(sql: string, parameters: readonly SqlValue[], sink: RowSink): Promise<RunCounts> {
    if (!LEAVES_NO_TRACE.test(sql) || LEAVES_A_TRACE.test(sql)) this.dirty = true;
    return this.#exclusively((resolve, reject) => {
      this.#assertFits(parameters);
      this.#isPreparing = true;
      this.#connection.prepare(sql, (error, statement) => {
        if (!error || errnoOf(error) === ER_UNSUPPORTED_PS) this.#isPreparing = false;
        if (!error) this.#execute(statement, parameters, { sink, isText: false, resolve, reject });
        else if (errnoOf(error) === ER_UNSUPPORTED_PS && parameters.length === 0) {
          this.#follow(this.#connection.query({ sql, rowsAsArray: true }), { sink, isText: true, resolve, reject });
        } else reject(error);
      });
    });
  }

  /** A statement of our own, as text. */
  command(sql: string, onRow: RowSink['onRow'] = () => {}): Promise<void> {
    const sink = { onColumns: () => {}, onRow };
    return this.#exclusively((resolve, reject) => {
      this.#follow(this.#connection.query({ sql, rowsAsArray: true }), {
        sink,
        isText: true,
        resolve: () => resolve(),
        reject,
      });
    });
  }

  /** What the session was at first: variables, locks, temporary tables and prepared statements are gone. */
  async reset(): Promise<void> {
    await this.#exclusively<void>((resolve, reject) => {
      this.#connection.reset((error) => (error ? reject(error) : resolve()));
    });
    this.dirty = false;
    this.readOnly = false;
    this.inTransaction = false;
    this.inReadOnlyTransaction = false;
    await this.command(this.#sessionSql);
  }

  async setReadOnly(readOnly: boolean): Promise<void> {
    await this.command(`SET SESSION TRANSACTION READ ${readOnly ? 'ONLY' : 'WRITE'}`);
    this.readOnly = readOnly;
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** Ends it without a word to the server; a statement under way rejects with the error. */
  destroy(error: BottleError): void {
    if (this.#lost) return;
    this.#lost = error;
    (this.#connection as unknown as { stream: Socket }).stream.destroy();
    this.#reject?.(error);
    this.onLost?.();
  }

  /** mysql2 forgets the callback of a command whose connection breaks; this does not. */
  #exclusively<Result>(
    work: (resolve: (result: Result) => void, reject: (error: unknown) => void) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw neverRun(this.#lost);
      if (this.#reject) throw new BottleError(Code.INTERNAL, 'internal', 'the connection is busy');
      const fail = (error: unknown): void => {
        this.#reject = undefined;
        const failure = this.#explain(error);
        this.hasRun = !this.#isPreparing;
        reject(this.#isPreparing ? neverRun(failure) : failure);
        this.#isPreparing = false;
        // mysql2 tells the command alone that its connection broke, where that has a callback.
        if (LOST.has(failure.reason)) this.destroy(failure);
      };
      this.#reject = fail;
      try {
        work((result) => {
          this.#reject = undefined;
          resolve(result);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** A connection that stood is one of several: whether the server is away is for the next one to say. */
  #explain(thrown: unknown): BottleError {
    const error = fromMysqlError(thrown);
    if (!this.#isOpen || error.reason !== 'resource-unavailable' || thrown instanceof BottleError) return error;
    return new BottleError(error.code, 'connection-lost', error.message, { details: error.details });
  }

  #execute(statement: PrepareStatementInfo, parameters: readonly SqlValue[], following: Following): void {
    const { length: expected } = (statement as unknown as { parameters: unknown[] }).parameters;
    if (expected !== parameters.length) {
      const message = `the statement has ${expected} question marks and ${parameters.length} parameters`;
      following.reject(new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', message));
      return;
    }
    const execute = statement.execute as unknown as (this: unknown, values: unknown[]) => EventEmitter;
    this.#follow(execute.call(statement, parameters.map(toMysql)), following);
  }

  /** Only the first result set of a procedure counts; the counts are those of its end. */
  #follow(query: EventEmitter, { sink, isText, resolve, reject }: Following): void {
    const counts: RunCounts = { affectedRows: 0, insertId: 0 };
    let sets = 0;
    let failure: unknown;
    query.on('fields', (fields: FieldPacket[] | undefined) => {
      if (!fields) return;
      sets += 1;
      if (sets === 1) sink.onColumns(readColumns(fields, this.#reading, isText));
    });
    query.on('result', (result: unknown[] | ServerAnswer) => {
      if (Array.isArray(result)) {
        if (sets === 1) sink.onRow(result);
        return;
      }
      this.#noteStatus(result);
      counts.affectedRows = Number(result.affectedRows);
      counts.insertId = unsigned(result.insertId);
    });
    query.on('error', (error: unknown) => (failure = error));
    query.on('end', () => (failure === undefined ? resolve(counts) : reject(failure)));
  }

  #noteStatus({ serverStatus = 0, warningStatus = 0 }: ServerAnswer): void {
    this.warnings = warningStatus;
    this.inTransaction = (serverStatus & IN_TRANSACTION) !== 0;
    this.inReadOnlyTransaction = (serverStatus & IN_READ_ONLY_TRANSACTION) !== 0;
  }

  /** The server would break the connection off, and nobody would know why. */
  #assertFits(parameters: readonly SqlValue[]): void {
    let bytes = 1_024;
    for (const value of parameters) {
      if (typeof value === 'string') bytes += Buffer.byteLength(value);
      else if (value instanceof Uint8Array) bytes += value.length;
      else bytes += 16;
    }
    if (bytes <= this.#maxPacketBytes) return;
    const message = `the parameters have ${bytes} bytes, the server takes ${this.#maxPacketBytes} (max_allowed_packet)`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'value-too-large', message);
  }
}

/** The end of a statement without rows. */
interface ServerAnswer {
  affectedRows: number | string;
  /** Text beyond 2^53. */
  insertId: number | string;
  serverStatus?: number;
  warningStatus?: number;
}

/** Ids are unsigned; mysql2 reads them as signed. */
function unsigned(id: number | string): number | bigint {
  if (typeof id === 'number' && id >= 0) return id;
  const whole = BigInt.asUintN(64, BigInt(id));
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** The same failure, of a statement that the server was never asked to run. */
function neverRun(error: BottleError): BottleError {
  return error.code === Code.UNAVAILABLE ? error.withDetails({ started: false }) : error;
}

function unavailable(what: string, driverCode: string): BottleError {
  const message = `mysql did not answer: ${what}`;
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details: { driverCode } });
}
