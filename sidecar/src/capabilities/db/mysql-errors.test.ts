import { BottleError } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { fromMysqlError, isRolledBack, partlyDone } from './mysql-errors.ts';

const answered = (errno: number, code: string, message = 'message of the server'): Error =>
  Object.assign(new Error(message), { errno, code, sqlState: 'HY000' });

describe('fromMysqlError', () => {
  it.each<[number, string, string, boolean]>([
    [1062, 'ER_DUP_ENTRY', 'ALREADY_EXISTS', false],
    [1213, 'ER_LOCK_DEADLOCK', 'ABORTED', true],
    [1205, 'ER_LOCK_WAIT_TIMEOUT', 'ABORTED', true],
    [1064, 'ER_PARSE_ERROR', 'INVALID_ARGUMENT', false],
    [1451, 'ER_ROW_IS_REFERENCED_2', 'FAILED_PRECONDITION', false],
  ])('keeps the code of what the server answered: %i', (errno, driverCode, code, retryable) => {
    const error = fromMysqlError(answered(errno, driverCode));
    expect(error).toMatchObject({ code, retryable, reason: 'driver-error', details: { driverCode } });
    expect(isRolledBack(error)).toBe(errno === 1213);
  });
  it.each([
    ["Duplicate entry 'it's for key 'x'' for key 'users.email'", "Duplicate entry '…' for key 'users.email'"],
    [
      "Incorrect integer value: 'a secret' for column `t`.`users`.`age` at row 1",
      "Incorrect integer value: '…' for column `t`.`users`.`age` at row 1",
    ],
    ["Truncated incorrect DOUBLE value: 'a secret'", "Truncated incorrect DOUBLE value: '…'"],
    ["BIGINT UNSIGNED value is out of range in '(`users`.`age` - 5)'", "BIGINT UNSIGNED value is out of range in '…'"],
    ['Table has no partition for value 5', "Table has no partition for value '…'"],
    ["Out of range value for column 'age' at row 1", "Out of range value for column 'age' at row 1"],
    ["Unknown column 'value' in 'WHERE'", "Unknown column 'value' in 'WHERE'"],
  ])('says it in its own words, and has those of the server without values: %s', (said, driverMessage) => {
    const error = fromMysqlError(answered(1, 'ER_X', said));
    expect(error.message).toBe('mysql refused the statement: it cannot be done (ER_X)');
    expect(error.details).toEqual({ driverCode: 'ER_X', driverMessage });
  });
  it('calls it an outage when the server did not answer', () => {
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 });
    expect(fromMysqlError(lost)).toMatchObject({ code: 'UNAVAILABLE', reason: 'resource-unavailable' });
  });
  it('tells a refused write from other errors', () => {
    const refused = answered(1792, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION');
    expect(fromMysqlError(refused)).toMatchObject({ reason: 'read-only' });
  });
  it('leaves what is a BottleError already', () => {
    const error = new BottleError('CANCELLED', 'cancelled', 'x');
    expect(fromMysqlError(error)).toBe(error);
  });
});

describe('partlyDone', () => {
  it('does not say that a procedure, or a list of tables, has done nothing', () => {
    const refused = fromMysqlError(answered(1051, 'ER_BAD_TABLE_ERROR'));
    for (const sql of ['call p()', 'drop table a, b'])
      expect(partlyDone(refused, sql)).toMatchObject({ code: refused.code, details: { outcome: 'unknown' } });
    expect(partlyDone(refused, 'insert into t values (1)')).toBe(refused);
  });
});
