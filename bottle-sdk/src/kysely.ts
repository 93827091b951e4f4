// Kysely over the bottle: `new Kysely<Tables>({ dialect: new BottleDialect(bottle.db('shop'), 'mysql') })`.
import { CallError, Code } from 'bottle-sdk'; // the one that runs, not a copy beside it
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import type { Database, TransactionOptions } from './db/database-client.ts';
import type { DbParameter } from './db/parameters.ts';
import type { DbResult } from './db/rows.ts';
import type { Transaction } from './db/transaction.ts';

const LANGUAGES = {
  mysql: {
    // Its own takes a lock that belongs to a connection; statements outside a transaction may each have another one.
    adapter: (): DialectAdapter =>
      Object.assign(new MysqlAdapter(), { acquireMigrationLock: async () => {}, releaseMigrationLock: async () => {} }),
    compiler: (): QueryCompiler => new MysqlQueryCompiler(),
    introspector: (db: Kysely<unknown>) => new MysqlIntrospector(db),
  },
  sqlite: {
    adapter: (): DialectAdapter => new SqliteAdapter(),
    compiler: (): QueryCompiler => new SqliteQueryCompiler(),
    introspector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  },
} as const;

/**
 * A dialect of Kysely whose statements go through the bottle. Connections are the sidecar's: `destroy()` closes none.
 * Migrations take no lock: run them from one place at a time.
 */
export class BottleDialect implements Dialect {
  readonly #database: Database;
  readonly #language: (typeof LANGUAGES)[keyof typeof LANGUAGES];

  /** `language`: what the resource's driver speaks. */
  constructor(database: Database, language: keyof typeof LANGUAGES) {
    this.#database = database;
    this.#language = LANGUAGES[language];
  }

  createAdapter(): DialectAdapter {
    return this.#language.adapter();
  }

  createDriver(): Driver {
    return new BottleDriver(this.#database);
  }

  createQueryCompiler(): QueryCompiler {
    return this.#language.compiler();
  }

  createIntrospector(db: Kysely<unknown>) {
    return this.#language.introspector(db);
  }
}

class BottleDriver implements Driver {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new BottleConnection(this.#database);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await own(connection).begin(optionsOf(settings));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).transaction.commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).transaction.rollback();
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).transaction.setSavepoint(name);
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).transaction.rollbackTo(name);
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).transaction.releaseSavepoint(name);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await own(connection).release();
  }

  async destroy(): Promise<void> {}
}

/** What Kysely takes for a connection: the database, and within a transaction that. */
class BottleConnection implements DatabaseConnection {
  readonly #database: Database;
  #transaction: Transaction | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get transaction(): Transaction {
    if (this.#transaction) return this.#transaction;
    throw new CallError(Code.FAILED_PRECONDITION, 'transaction-over', 'there is no transaction');
  }

  async begin(options: TransactionOptions): Promise<void> {
    this.#transaction = await this.#database.begin(options);
  }

  async release(): Promise<void> {
    await this.#transaction?.rollback();
    this.#transaction = undefined;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return toQueryResult(await this.#target.execute<Row>(sql, parameters as readonly DbParameter[]));
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<Row>> {
    let rows: Row[] = [];
    for await (const row of this.#target.stream<Row>(sql, parameters as readonly DbParameter[])) {
      rows.push(row);
      if (rows.length < chunkSize) continue;
      yield { rows };
      rows = [];
    }
    if (rows.length > 0) yield { rows };
  }

  get #target(): Database | Transaction {
    return this.#transaction ?? this.#database;
  }
}

function own(connection: DatabaseConnection): BottleConnection {
  return connection as BottleConnection;
}

function toQueryResult<Row>({ rows, affectedRows, insertId, columns }: DbResult<Row>): QueryResult<Row> {
  if (columns.length > 0 && affectedRows === 0) return { rows };
  const affected = BigInt(affectedRows);
  return { rows, numAffectedRows: affected, ...(insertId === 0 ? {} : { insertId: BigInt(insertId) }) };
}

function optionsOf({ accessMode, isolationLevel }: TransactionSettings): TransactionOptions {
  if (isolationLevel === 'snapshot')
    throw new CallError(Code.INVALID_ARGUMENT, 'bad-value', 'there is no isolation level "snapshot"');
  const isolation = isolationLevel?.replace(' ', '-') as TransactionOptions['isolation'];
  return {
    ...(accessMode === 'read only' ? { readOnly: true } : {}),
    ...(isolation === undefined ? {} : { isolation }),
  };
}
