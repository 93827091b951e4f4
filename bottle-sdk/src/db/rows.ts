import { parseExactJson, type SqlColumn, type SqlResult, SqlText, type SqlValue } from '@bottle/protos';

/** What came of a statement. */
export interface DbResult<Row = DbRow> {
  rows: Row[];
  /** Rows inserted, changed (or found to be so already) or deleted. */
  affectedRows: number;
  /** The first id that an insert produced; 0 when it produced none. A bigint beyond 2^53 - 1. */
  insertId: number | bigint;
  columns: readonly SqlColumn[];
}

/** A row of a statement whose rows have no type of their own. */
export type DbRow = Record<string, unknown>;

/** Makes objects of rows. Of columns with the same name the last one counts. */
export function rowReader(columns: readonly SqlColumn[]): (values: readonly SqlValue[]) => DbRow {
  const names = columns.map(({ name }) => name);
  const hasProto = names.includes('__proto__');
  return (values) => {
    const row: DbRow = {};
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string;
      const value = toJs(values[at] ?? null);
      if (hasProto && name === '__proto__') Object.defineProperty(row, name, { value, enumerable: true });
      else row[name] = value;
    }
    return row;
  };
}

export function toDbResult<Row>({ columns, rows, affectedRows, insertId }: SqlResult): DbResult<Row> {
  return { rows: rows.map(rowReader(columns)) as Row[], affectedRows, insertId, columns };
}

function toJs(value: SqlValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof SqlText) return value.kind === 'json' ? parseExactJson(value.text) : value.text;
  // A copy: the view would keep the whole message in memory.
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
