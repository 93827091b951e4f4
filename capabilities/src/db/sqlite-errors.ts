import { BottleError, Code } from '@bottle/protos/database';

interface SqliteError extends Error {
  code: 'ERR_SQLITE_ERROR';
  errcode: number;
}

const DUPLICATE = 'a row with this key is there already';

/** SQLite's result codes (sqlite.org/rescode.html) that mean something of their own. */
const CODES: Readonly<Record<number, [name: string, code: Code, what: string]>> = {
  1: ['SQLITE_ERROR', Code.INVALID_ARGUMENT, 'it is not SQL, or names what is not there'],
  5: ['SQLITE_BUSY', Code.ABORTED, 'another program writes to the file'],
  6: ['SQLITE_LOCKED', Code.ABORTED, 'another statement uses the table'],
  8: ['SQLITE_READONLY', Code.FAILED_PRECONDITION, 'the file can only be read'],
  9: ['SQLITE_INTERRUPT', Code.CANCELLED, 'it was interrupted'],
  10: ['SQLITE_IOERR', Code.UNAVAILABLE, 'the disk did not do what it was asked to'],
  11: ['SQLITE_CORRUPT', Code.DATA_LOSS, 'the file is damaged'],
  13: ['SQLITE_FULL', Code.RESOURCE_EXHAUSTED, 'the disk is full'],
  14: ['SQLITE_CANTOPEN', Code.UNAVAILABLE, 'the file cannot be opened'],
  18: ['SQLITE_TOOBIG', Code.INVALID_ARGUMENT, 'a value is too large'],
  19: ['SQLITE_CONSTRAINT', Code.FAILED_PRECONDITION, 'a constraint does not hold'],
  20: ['SQLITE_MISMATCH', Code.INVALID_ARGUMENT, 'a value is not of the type of its column'],
  23: ['SQLITE_AUTH', Code.PERMISSION_DENIED, 'functions may not do that'],
  26: ['SQLITE_NOTADB', Code.DATA_LOSS, 'the file is damaged, or no database'],
  275: ['SQLITE_CONSTRAINT_CHECK', Code.FAILED_PRECONDITION, 'a check of the table does not hold'],
  787: ['SQLITE_CONSTRAINT_FOREIGNKEY', Code.FAILED_PRECONDITION, 'rows refer to one that is not there'],
  1299: ['SQLITE_CONSTRAINT_NOTNULL', Code.INVALID_ARGUMENT, 'a column that is NOT NULL got none'],
  1555: ['SQLITE_CONSTRAINT_PRIMARYKEY', Code.ALREADY_EXISTS, DUPLICATE],
  2067: ['SQLITE_CONSTRAINT_UNIQUE', Code.ALREADY_EXISTS, DUPLICATE],
  2579: ['SQLITE_CONSTRAINT_ROWID', Code.ALREADY_EXISTS, DUPLICATE],
};

/** Whether a read-only connection refused a write. */
function isReadOnlyRefusal(thrown: unknown): boolean {
  return isSqliteError(thrown) && (thrown.errcode & 0xff) === 8;
}

/** What node:sqlite threw as the platform's error: SQLite's own code and sentence are in the details. */
export function fromSqliteError(thrown: unknown): unknown {
  if (!isSqliteError(thrown)) return thrown;
  const [driverCode, code, what] = CODES[thrown.errcode] ??
    CODES[thrown.errcode & 0xff] ?? ['SQLITE_ERROR', Code.INTERNAL, 'it cannot be done'];
  if (isReadOnlyRefusal(thrown)) {
    const details = { driverCode };
    return new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a read-only statement would write', { details });
  }
  return new BottleError(code, 'driver-error', `sqlite refused the statement: ${what} (${driverCode})`, {
    details: { driverCode, driverMessage: thrown.message },
  });
}

function isSqliteError(thrown: unknown): thrown is SqliteError {
  return thrown instanceof Error && (thrown as Partial<SqliteError>).code === 'ERR_SQLITE_ERROR';
}
