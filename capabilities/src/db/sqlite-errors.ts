import { BottleError, Code } from '@bottle/protos/database';

interface SqliteError extends Error {
  code: 'ERR_SQLITE_ERROR';
  errcode: number;
}

/** SQLite's result codes (sqlite.org/rescode.html) that mean something of their own. */
const CODES: Readonly<Record<number, [name: string, code: Code, hint?: string]>> = {
  1: ['SQLITE_ERROR', Code.INVALID_ARGUMENT],
  5: ['SQLITE_BUSY', Code.ABORTED, 'another program writes to the file'],
  6: ['SQLITE_LOCKED', Code.ABORTED],
  8: ['SQLITE_READONLY', Code.FAILED_PRECONDITION],
  9: ['SQLITE_INTERRUPT', Code.CANCELLED],
  10: ['SQLITE_IOERR', Code.UNAVAILABLE, 'the disk did not do what it was asked to'],
  11: ['SQLITE_CORRUPT', Code.DATA_LOSS],
  13: ['SQLITE_FULL', Code.RESOURCE_EXHAUSTED],
  14: ['SQLITE_CANTOPEN', Code.UNAVAILABLE],
  18: ['SQLITE_TOOBIG', Code.INVALID_ARGUMENT],
  19: ['SQLITE_CONSTRAINT', Code.FAILED_PRECONDITION],
  20: ['SQLITE_MISMATCH', Code.INVALID_ARGUMENT],
  23: ['SQLITE_AUTH', Code.PERMISSION_DENIED],
  26: ['SQLITE_NOTADB', Code.DATA_LOSS],
  275: ['SQLITE_CONSTRAINT_CHECK', Code.FAILED_PRECONDITION],
  787: ['SQLITE_CONSTRAINT_FOREIGNKEY', Code.FAILED_PRECONDITION],
  1299: ['SQLITE_CONSTRAINT_NOTNULL', Code.INVALID_ARGUMENT],
  1555: ['SQLITE_CONSTRAINT_PRIMARYKEY', Code.ALREADY_EXISTS],
  2067: ['SQLITE_CONSTRAINT_UNIQUE', Code.ALREADY_EXISTS],
  2579: ['SQLITE_CONSTRAINT_ROWID', Code.ALREADY_EXISTS],
};

/** Whether a read-only connection refused a write. */
function isReadOnlyRefusal(thrown: unknown): boolean {
  return isSqliteError(thrown) && (thrown.errcode & 0xff) === 8;
}

/** What node:sqlite threw as the platform's error, with SQLite's own code. */
export function fromSqliteError(thrown: unknown): unknown {
  if (!isSqliteError(thrown)) return thrown;
  const [driverCode, code, hint] = CODES[thrown.errcode] ??
    CODES[thrown.errcode & 0xff] ?? ['SQLITE_ERROR', Code.INTERNAL];
  const details = { driverCode };
  if (isReadOnlyRefusal(thrown)) {
    return new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a read-only statement would write', { details });
  }
  return new BottleError(code, 'driver-error', hint ? `${thrown.message}: ${hint}` : thrown.message, { details });
}

function isSqliteError(thrown: unknown): thrown is SqliteError {
  return thrown instanceof Error && (thrown as Partial<SqliteError>).code === 'ERR_SQLITE_ERROR';
}
