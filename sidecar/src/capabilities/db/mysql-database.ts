import {
  commitUnknown,
  type DatabaseDriver,
  type DatabaseTransaction,
  isPlainSelect,
  rolledBack,
  type RunOptions,
} from '@bottle/capabilities';
import { BottleError, Code, type SqlResult, type SqlStatement } from '@bottle/protos';
import type { MysqlConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { withTlsFiles } from '../tls-options.ts';
import { runBatch } from './mysql-batch.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { partlyDone } from './mysql-errors.ts';
import { collect, streamParts } from './mysql-run.ts';
import { MysqlServer } from './mysql-server.ts';
import { beginMysqlTransaction } from './mysql-transaction.ts';
import { RecentWriters } from './recent-writers.ts';

const PING_TIMEOUT_MS = 2_000;

/** A database of MySQL or MariaDB: a primary, and replicas for what only reads. Connects in the background. */
export async function createMysqlDatabase(
  settings: MysqlConfig,
  { id, log }: NamedDriverContext,
): Promise<DatabaseDriver> {
  const { tls } = withTlsFiles(settings);
  const { sqlMode, dates, json, connections: limit, maxRows, slowQueryMs } = settings;
  const reading = { dates, json };
  const serverAt = (url: string, name: string): MysqlServer =>
    new MysqlServer({ connection: { url: new URL(url), tls, sqlMode, reading }, id: name, limit, log });
  const primary = serverAt(settings.url, id);
  const replicas = settings.replicas.map((url, at) => serverAt(url, `${id} (replica ${at + 1})`));
  const writers = settings.readYourWrites && replicas.length > 0 ? new RecentWriters() : undefined;
  let turn = 0;

  /** Before it is done: what is read meanwhile may be of before or after, on the primary, too. */
  function noteWriting({ readOnly, invocationId = '' }: RunOptions, sql?: string): void {
    if (writers && !readOnly && (sql === undefined || !isPlainSelect(sql))) writers.add(invocationId);
  }

  /** In the order in which they are asked: replicas by turns, those that cannot be reached not at all. */
  function serversFor({ readOnly, invocationId = '' }: RunOptions): MysqlServer[] {
    const mayAsk = readOnly && !writers?.has(invocationId);
    const usable = mayAsk ? replicas.filter(({ problem }) => problem === undefined) : [];
    if (usable.length === 0) return [primary];
    turn = (turn + 1) % usable.length;
    return [...usable.slice(turn), ...usable.slice(0, turn), primary];
  }

  /** Work that only reads moves on to the next server when one does not answer. */
  async function onServer<Result>(
    options: RunOptions,
    work: (server: MysqlServer) => Promise<Result>,
  ): Promise<Result> {
    const servers = serversFor(options);
    for (const server of servers) {
      try {
        return await work(server);
      } catch (thrown) {
        const isOutage = thrown instanceof BottleError && thrown.code === Code.UNAVAILABLE;
        if (!isOutage || options.signal.aborted || server === servers.at(-1)) throw thrown;
      }
    }
    throw new BottleError(Code.INTERNAL, 'internal', 'no server');
  }

  async function connected<Result>(
    server: MysqlServer,
    options: RunOptions,
    work: (connection: MysqlConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await server.acquire(options);
    const release = server.guard(connection, options.signal);
    try {
      return await work(connection);
    } finally {
      release();
      server.release(connection);
    }
  }

  async function timed<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      const ms = Math.round(performance.now() - startedAt);
      if (ms >= slowQueryMs) log.warn({ resource: id, ms, sql }, 'slow query');
    }
  }

  function execute(statement: SqlStatement, options: RunOptions): Promise<SqlResult> {
    noteWriting(options, statement.sql);
    return onServer(options, (server) =>
      connected(server, options, (connection) => timed(statement.sql, () => collect(connection, statement, maxRows))),
    ).catch((error: unknown) => {
      throw partlyDone(error, statement.sql);
    });
  }

  async function* query(statement: SqlStatement, options: RunOptions): AsyncGenerator<SqlResult> {
    noteWriting(options, statement.sql);
    const { server, connection } = await onServer(options, async (server) => ({
      server,
      connection: await server.acquire(options),
    }));
    const release = server.guard(connection, options.signal);
    try {
      const parts = streamParts(connection, statement);
      const first = await timed(statement.sql, () => parts.next());
      if (first.done) return;
      yield first.value;
      yield* parts;
    } finally {
      release();
      server.release(connection);
    }
  }

  return {
    get problem() {
      return primary.problem;
    },
    get warning() {
      const away = replicas.filter(({ problem }) => problem !== undefined).length;
      return away === 0 ? undefined : `${away} of ${replicas.length} replicas cannot be reached`;
    },
    async ping() {
      const options = { readOnly: false, signal: AbortSignal.timeout(PING_TIMEOUT_MS), timeoutMs: PING_TIMEOUT_MS };
      await connected(primary, options, (connection) => connection.command('DO 1'));
    },
    execute,
    query,
    async batch(sql, rows, options) {
      if (options.readOnly) throw new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a batch writes');
      noteWriting(options);
      return connected(primary, options, async (connection) => {
        await connection.command('START TRANSACTION');
        let isCommitting = false;
        try {
          const result = await timed(sql, () => runBatch(connection, sql, rows));
          isCommitting = true;
          await connection.command('COMMIT');
          return result;
        } catch (error) {
          if (connection.isLost) throw isCommitting ? commitUnknown(error) : rolledBack(error);
          await connection.command('ROLLBACK');
          // Only of tables that cannot.
          throw connection.warnings > 0 ? BottleError.from(error).withDetails({ outcome: 'unknown' }) : error;
        }
      });
    },
    begin({ isolation, ...options }): Promise<DatabaseTransaction> {
      const { readOnly, signal } = options;
      noteWriting(options);
      return onServer(options, async (server) => {
        const connection = await server.acquire(options);
        const release = server.guard(connection, signal);
        try {
          return await beginMysqlTransaction({ server, connection, isolation, readOnly, maxRows, timed });
        } catch (error) {
          server.release(connection);
          throw error;
        } finally {
          release();
        }
      });
    },
    async close() {
      for (const server of [primary, ...replicas]) server.close();
    },
  };
}
