import { BottleError, Code } from '@bottle/protos';

interface MysqlError extends Error {
  code?: string;
  errno?: number;
  sqlState?: string;
}

/** What the server's error numbers mean, where it is more than "not like this". */
const REFUSALS: Readonly<Record<number, readonly [code: Code, what: string]>> = {
  1020: [Code.ABORTED, 'another transaction has changed the row'], // ER_CHECKREAD: MariaDB's snapshots
  1022: [Code.ALREADY_EXISTS, 'a row with this key is there already'], // ER_DUP_KEY
  1040: [Code.UNAVAILABLE, 'it has too many connections'], // ER_CON_COUNT_ERROR
  1044: [Code.PERMISSION_DENIED, 'the user of the resource may not use this database'], // ER_DBACCESS_DENIED_ERROR
  1048: [Code.INVALID_ARGUMENT, 'a column that is NOT NULL got none'], // ER_BAD_NULL_ERROR
  1053: [Code.UNAVAILABLE, 'it is being shut down'], // ER_SERVER_SHUTDOWN
  1054: [Code.INVALID_ARGUMENT, 'there is no such column'], // ER_BAD_FIELD_ERROR
  1062: [Code.ALREADY_EXISTS, 'a row with this key is there already'], // ER_DUP_ENTRY
  1064: [Code.INVALID_ARGUMENT, 'it is not SQL as the server knows it'], // ER_PARSE_ERROR
  1114: [Code.RESOURCE_EXHAUSTED, 'the table is full'], // ER_RECORD_FILE_FULL
  1142: [Code.PERMISSION_DENIED, 'the user of the resource may not do that to this table'], // ER_TABLEACCESS_DENIED_ERROR
  1143: [Code.PERMISSION_DENIED, 'the user of the resource may not do that to this column'], // ER_COLUMNACCESS_DENIED_ERROR
  1146: [Code.INVALID_ARGUMENT, 'there is no such table'], // ER_NO_SUCH_TABLE
  1153: [Code.INVALID_ARGUMENT, 'it is larger than max_allowed_packet'], // ER_NET_PACKET_TOO_LARGE
  1203: [Code.UNAVAILABLE, 'the user of the resource has too many connections'], // ER_TOO_MANY_USER_CONNECTIONS
  1205: [Code.ABORTED, 'another transaction kept a lock for too long'], // ER_LOCK_WAIT_TIMEOUT
  1213: [Code.ABORTED, 'transactions waited for one another, and this one was rolled back'], // ER_LOCK_DEADLOCK
  1227: [Code.PERMISSION_DENIED, 'the user of the resource may not do that'], // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1264: [Code.INVALID_ARGUMENT, 'a number is out of the range of its column'], // ER_WARN_DATA_OUT_OF_RANGE
  1265: [Code.INVALID_ARGUMENT, 'a value does not fit its column'], // WARN_DATA_TRUNCATED
  1290: [Code.UNAVAILABLE, 'the server only reads'], // ER_OPTION_PREVENTS_STATEMENT: the primary became a replica
  1292: [Code.INVALID_ARGUMENT, 'a value is not of the type that is wanted'], // ER_TRUNCATED_WRONG_VALUE
  1317: [Code.ABORTED, 'it was interrupted'], // ER_QUERY_INTERRUPTED
  1364: [Code.INVALID_ARGUMENT, 'a column without a default got no value'], // ER_NO_DEFAULT_FOR_FIELD
  1366: [Code.INVALID_ARGUMENT, 'a value is not of the type of its column'], // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1406: [Code.INVALID_ARGUMENT, 'a value is too long for its column'], // ER_DATA_TOO_LONG
  1451: [Code.FAILED_PRECONDITION, 'other rows refer to the row'], // ER_ROW_IS_REFERENCED_2
  1452: [Code.FAILED_PRECONDITION, 'there is no row that it could refer to'], // ER_NO_REFERENCED_ROW_2
  1690: [Code.FAILED_PRECONDITION, 'a number is out of the range of its type'], // ER_DATA_OUT_OF_RANGE
  1969: [Code.DEADLINE_EXCEEDED, 'it took longer than the server allows'], // ER_STATEMENT_TIMEOUT, of MariaDB
  1836: [Code.UNAVAILABLE, 'the server only reads'], // ER_READ_ONLY_MODE
  1927: [Code.UNAVAILABLE, 'its connection was ended'], // ER_CONNECTION_KILLED
  3024: [Code.DEADLINE_EXCEEDED, 'it took longer than the server allows'], // ER_QUERY_TIMEOUT
  3572: [Code.ABORTED, 'another transaction has the lock'], // ER_LOCK_NOWAIT
  3819: [Code.FAILED_PRECONDITION, 'a check of the table does not hold'], // ER_CHECK_CONSTRAINT_VIOLATED
  4025: [Code.FAILED_PRECONDITION, 'a check of the table does not hold'], // ER_CONSTRAINT_FAILED, of MariaDB
};

/** No statement would be taken now, whatever it is. */
const IS_AWAY: ReadonlySet<number> = new Set([1040, 1053, 1203, 1290, 1836]);

/** MariaDB's numbers that mysql2 has MySQL's names for, and the states that tell them apart. */
const NAMES_OF_MARIADB: Readonly<Record<string, string>> = {
  '1969 70100': 'ER_STATEMENT_TIMEOUT',
  '4025 23000': 'ER_CONSTRAINT_FAILED',
};

/** Statement that the server takes as text only. */
export const ER_UNSUPPORTED_PS = 1295;
const ER_READ_ONLY_TRANSACTION = 1792;

/** Where the server's sentences quote what a statement was given. */
const QUOTED_VALUE =
  /^(Duplicate entry|[\w ]*\bvalue(?: is out of range in|:)|Table has no partition for value) (?:.*(?= for (?:key|column) )|.*)/s;

/** What mysql2 threw as the platform's error: MySQL's own code ("ER_DUP_ENTRY") and sentence are in the details. */
export function fromMysqlError(thrown: unknown): BottleError {
  if (thrown instanceof BottleError) return thrown;
  const { errno, sqlState, message, ...more } = thrown as MysqlError;
  const code = NAMES_OF_MARIADB[`${errno} ${sqlState}`] ?? more.code ?? 'ER_UNKNOWN';
  const details = { driverCode: code };
  // Only what the server said has a state.
  if (sqlState === undefined || errno === undefined) {
    if (thrown instanceof TypeError || thrown instanceof RangeError)
      return new BottleError(Code.INVALID_ARGUMENT, 'bad-value', 'a parameter is no value of mysql', { cause: thrown });
    return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `mysql did not answer: ${code}`, { details });
  }
  if (errno === ER_READ_ONLY_TRANSACTION)
    return new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a read-only statement would write', { details });
  const [known, what] = REFUSALS[errno] ?? [Code.FAILED_PRECONDITION, 'it cannot be done'];
  const reason = IS_AWAY.has(errno) ? 'resource-unavailable' : 'driver-error';
  return new BottleError(known, reason, `mysql refused the statement: ${what} (${code})`, {
    details: { ...details, driverMessage: withoutValues(message) },
  });
}

/** The server's own sentence. Values are for whoever gave them, and not for logs. */
function withoutValues(sentence: string): string {
  return sentence.replace(QUOTED_VALUE, "$1 '…'");
}

/** Procedures and lists of tables: what came before the part that failed stays done. */
const IS_SEVERAL = /^[\s(]*(call|begin|execute|drop)\b/i;

/** A refusal in the middle of a statement is no word on what stands before it. */
export function partlyDone(thrown: unknown, sql: string): unknown {
  if (!(thrown instanceof BottleError) || thrown.reason !== 'driver-error' || !IS_SEVERAL.test(sql)) return thrown;
  return thrown.withDetails({ outcome: 'unknown' });
}

/** Whether the server has rolled the whole transaction back. */
export function isRolledBack(error: BottleError): boolean {
  return error.details['driverCode'] === 'ER_LOCK_DEADLOCK';
}

/** The number the server gave its error, or undefined. */
export function errnoOf(thrown: unknown): number | undefined {
  return (thrown as MysqlError).errno;
}
