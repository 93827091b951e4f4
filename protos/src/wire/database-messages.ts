// The messages of the `db` capability as this code has them in memory: a value is a JavaScript value, and no object of
// its own.
import type { MethodDefinition } from '@grpc/proto-loader';
import type { DbIsolation } from '../generated/bottle/v1/DbIsolation.ts';
import type { Error as WireError, Error__Output } from '../generated/bottle/v1/Error.ts';

/** Text that is no string: an exact decimal, or a JSON document. */
export class SqlText {
  readonly kind: 'decimal' | 'json';
  readonly text: string;

  constructor(kind: 'decimal' | 'json', text: string) {
    this.kind = kind;
    this.text = text;
  }
}

/**
 * A value of a row, or a parameter. Whole numbers up to 2^53 - 1 are numbers, those beyond bigints; decoded bytes are
 * views of their message.
 */
export type SqlValue = null | number | bigint | string | Date | Uint8Array | SqlText;

export interface SqlColumn {
  name: string;
  /** The database's own name, lower case. */
  type: string;
}

export interface SqlStatement {
  sql: string;
  parameters: readonly SqlValue[];
  readOnly: boolean;
}

export interface SqlBatch {
  sql: string;
  rows: readonly (readonly SqlValue[])[];
}

/** An answer, or a part of one. */
export interface SqlResult {
  columns: readonly SqlColumn[];
  rows: SqlValue[][];
  affectedRows: number;
  insertId: number | bigint;
}

/** A result as it travels, from a driver whose own process encodes it: passed on as it is. */
export class EncodedSqlResult {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export type SqlIsolation = keyof typeof DbIsolation;

export type SqlStep =
  | { step: 'begin'; isolation: SqlIsolation; readOnly: boolean }
  | { step: 'execute' | 'query'; statement: SqlStatement }
  | { step: 'batch'; batch: SqlBatch }
  | { step: 'savepoint' | 'rollbackTo' | 'release'; name: string }
  | { step: 'commit' | 'rollback' };

export interface SqlAnswer {
  result?: SqlResult | EncodedSqlResult | undefined;
  error?: WireError | undefined;
  closed?: boolean;
  /** Another part follows. */
  more?: boolean;
}

export type SqlAnswerOutput = Omit<SqlAnswer, 'error' | 'result'> & { result?: SqlResult; error?: Error__Output };

/** `DatabaseDefinition` with these messages. */
export interface SqlDefinition {
  Execute: MethodDefinition<SqlStatement, object, SqlStatement, SqlResult>;
  Batch: MethodDefinition<SqlBatch, object, SqlBatch, SqlResult>;
  Query: MethodDefinition<SqlStatement, object, SqlStatement, SqlResult>;
  Transaction: MethodDefinition<SqlStep, object, SqlStep, SqlAnswerOutput>;
}
