// Whether a statement that the server refused in its middle has left something behind. Tables of engines without transactions
// (MyISAM, Aria) keep the rows before the one that was wrong.
import { BottleError, type SqlValue } from '@bottle/protos';
import type { MysqlConnection } from './mysql-connection.ts';

/** ER_WARNING_NOT_COMPLETE_ROLLBACK: the server's own word, which it has for some engines, and for what triggers wrote. */
const NOT_ROLLED_BACK = 1196;
const NAME = '(?:(`[^`]+`|\\w+)\\s*\\.\\s*)?(`[^`]+`|\\w+)';
/** A statement that changes rows, and the first table of it. */
const CHANGES = new RegExp(
  `^[\\s(]*(?:(?:insert|replace|delete|update)(?:\\s+(?:low_priority|high_priority|delayed|quick|ignore|into|from))*|load\\s.*?\\binto\\s+table)\\s+${NAME}`,
  'is',
);

/** Nothing stands before its only row. */
const ONE_ROW = /^[\s(]*(?:insert|replace)\b.*?\bvalues?\s*\([^()]*\)\s*(?:(?:on|returning)\b.*)?$/is;

/** The error with `outcome: unknown` when not all of it was undone, as far as the server says. Asks it after refused changes only. */
export async function withLeftovers(connection: MysqlConnection, thrown: unknown, sql: string): Promise<unknown> {
  if (!(thrown instanceof BottleError) || thrown.reason !== 'driver-error' || !connection.hasRun) return thrown;
  const [, schema, table] = CHANGES.exec(sql) ?? [];
  if (table === undefined) return thrown;
  const isLeft =
    (await isWarned(connection)) || (!ONE_ROW.test(sql) && (await isWithoutTransactions(connection, schema, table)));
  return isLeft ? thrown.withDetails({ outcome: 'unknown' }) : thrown;
}

async function isWarned(connection: MysqlConnection): Promise<boolean> {
  const warnings = await rowsOf((onRow) => connection.command('SHOW WARNINGS', onRow));
  return warnings.some(([, code]) => code === NOT_ROLLED_BACK);
}

/** Where MyISAM changes nothing but its own tables, the server does not warn. */
async function isWithoutTransactions(
  connection: MysqlConnection,
  schema: string | undefined,
  table: string,
): Promise<boolean> {
  const parameters = [unquoted(table), ...(schema === undefined ? [] : [unquoted(schema)])];
  const inSchema = schema === undefined ? 'database()' : '?';
  const engines = await rowsOf((onRow) =>
    connection.run(
      `select e.transactions from information_schema.tables t join information_schema.engines e on e.engine = t.engine
        where t.table_name = ? and t.table_schema = ${inSchema}`,
      parameters,
      { onColumns: () => {}, onRow },
    ),
  );
  return engines.some(([transactions]) => transactions === 'NO');
}

/** None when the server does not answer any more: what it said before stands. */
async function rowsOf(ask: (onRow: (row: unknown[]) => void) => Promise<unknown>): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  await ask((row) => rows.push(row)).catch(() => {});
  return rows;
}

function unquoted(name: string): SqlValue {
  return name.replaceAll('`', '');
}
