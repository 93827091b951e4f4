import { BottleError, Code } from '@bottle/protos';

interface MysqlError extends Error {
  code?: string;
  errno?: number;
  sqlState?: string;
}

/** What the server's error numbers mean, where it is more than "not like this". */
const CODES: Readonly<Record<number, Code>> = {
  1020: Code.ABORTED, // ER_CHECKREAD: MariaDB's snapshots, another has changed the row
  1022: Code.ALREADY_EXISTS, // ER_DUP_KEY
  1040: Code.UNAVAILABLE, // ER_CON_COUNT_ERROR
  1048: Code.INVALID_ARGUMENT, // ER_BAD_NULL_ERROR
  1053: Code.UNAVAILABLE, // ER_SERVER_SHUTDOWN
  1054: Code.INVALID_ARGUMENT, // ER_BAD_FIELD_ERROR
  1062: Code.ALREADY_EXISTS, // ER_DUP_ENTRY
  1064: Code.INVALID_ARGUMENT, // ER_PARSE_ERROR
  1114: Code.RESOURCE_EXHAUSTED, // ER_RECORD_FILE_FULL
  1142: Code.PERMISSION_DENIED, // ER_TABLEACCESS_DENIED_ERROR
  1143: Code.PERMISSION_DENIED, // ER_COLUMNACCESS_DENIED_ERROR
  1146: Code.INVALID_ARGUMENT, // ER_NO_SUCH_TABLE
  1153: Code.INVALID_ARGUMENT, // ER_NET_PACKET_TOO_LARGE
  1203: Code.UNAVAILABLE, // ER_TOO_MANY_USER_CONNECTIONS
  1205: Code.ABORTED, // ER_LOCK_WAIT_TIMEOUT
  1213: Code.ABORTED, // ER_LOCK_DEADLOCK
  1227: Code.PERMISSION_DENIED, // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1264: Code.INVALID_ARGUMENT, // ER_WARN_DATA_OUT_OF_RANGE
  1265: Code.INVALID_ARGUMENT, // WARN_DATA_TRUNCATED
  1290: Code.UNAVAILABLE, // ER_OPTION_PREVENTS_STATEMENT: the primary became a replica
  1292: Code.INVALID_ARGUMENT, // ER_TRUNCATED_WRONG_VALUE
  1317: Code.ABORTED, // ER_QUERY_INTERRUPTED
  1364: Code.INVALID_ARGUMENT, // ER_NO_DEFAULT_FOR_FIELD
  1366: Code.INVALID_ARGUMENT, // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  1406: Code.INVALID_ARGUMENT, // ER_DATA_TOO_LONG
  1836: Code.UNAVAILABLE, // ER_READ_ONLY_MODE
  1927: Code.UNAVAILABLE, // ER_CONNECTION_KILLED
  3024: Code.DEADLINE_EXCEEDED, // ER_QUERY_TIMEOUT
  3572: Code.ABORTED, // ER_LOCK_NOWAIT
};

/** Statement that the server takes as text only. */
export const ER_UNSUPPORTED_PS = 1295;
const ER_READ_ONLY_TRANSACTION = 1792;

/** What mysql2 threw as the platform's error; MySQL's own code ("ER_DUP_ENTRY") is kept. */
export function fromMysqlError(thrown: unknown): BottleError {
  if (thrown instanceof BottleError) return thrown;
  const { code = 'ER_UNKNOWN', errno, sqlState, message } = thrown as MysqlError;
  const details = { driverCode: code };
  // Only what the server said has a state.
  if (sqlState === undefined || errno === undefined) {
    if (thrown instanceof TypeError || thrown instanceof RangeError)
      return new BottleError(Code.INVALID_ARGUMENT, 'bad-value', message);
    return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `mysql did not answer: ${code}`, { details });
  }
  if (errno === ER_READ_ONLY_TRANSACTION)
    return new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a read-only statement would write', { details });
  const known = CODES[errno] ?? Code.FAILED_PRECONDITION;
  return new BottleError(known, 'driver-error', message, { details });
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
