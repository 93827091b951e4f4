import type { SqlResult, SqlValue } from '@bottle/protos';
import type { MysqlConnection } from './mysql-connection.ts';
import { collect } from './mysql-run.ts';
import { sizeOfRow } from './mysql-values.ts';

/** Nothing but names and question marks: only such an insert means the same with several rows. */
const SIMPLE_INSERT =
  /^(\s*(?:insert(?:\s+ignore)?|replace)\s+into\s+[\w.`]+\s*(?:\([\w\s,.`]*\))?\s*values\s*)(\(\s*\?(?:\s*,\s*\?)*\s*\))\s*$/i;
/** Rows that one statement may have. Few sizes, because each is a prepared statement of its own. */
const ROW_COUNTS = [512, 64, 8, 1] as const;
const MAX_PARAMETERS = 16_384;
const MAX_BYTES = 512 * 1024;

/** One statement for each row, within a transaction of the caller's; simple inserts take many rows at a time. */
export async function runBatch(
  connection: MysqlConnection,
  sql: string,
  rows: readonly (readonly SqlValue[])[],
): Promise<SqlResult> {
  const [, head, tuple] = SIMPLE_INSERT.exec(sql) ?? [];
  const total: SqlResult = { columns: [], rows: [], affectedRows: 0, insertId: 0 };
  for (let at = 0; at < rows.length; ) {
    const count = head === undefined ? 1 : countOf(rows, at);
    const text = count === 1 ? sql : `${head}${Array.from({ length: count }, () => tuple).join(',')}`;
    const parameters = rows.slice(at, at + count).flat();
    const { affectedRows, insertId } = await collect(connection, { sql: text, parameters }, 0);
    total.affectedRows += affectedRows;
    if (total.insertId === 0) total.insertId = insertId;
    at += count;
  }
  return total;
}

/** How many rows, from this one on, go together. */
function countOf(rows: readonly (readonly SqlValue[])[], at: number): number {
  const width = rows[at]?.length ?? 0;
  const fits = (count: number): boolean => {
    if (at + count > rows.length || count * width > MAX_PARAMETERS) return false;
    let bytes = 0;
    for (let index = at; index < at + count; index++) bytes += sizeOfRow(rows[index] ?? []);
    return bytes <= MAX_BYTES;
  };
  return ROW_COUNTS.find(fits) ?? 1;
}
