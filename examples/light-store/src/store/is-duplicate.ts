import { BottleError, Code } from 'bottle-sdk';

/** Whether a row was refused because a unique value of it is there already: MySQL's ER_DUP_ENTRY, SQLite's UNIQUE. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof BottleError && error.code === Code.ALREADY_EXISTS;
}
