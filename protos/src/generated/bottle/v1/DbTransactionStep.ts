// Original file: bottle/v1/database.proto

import type { DbBegin as _bottle_v1_DbBegin, DbBegin__Output as _bottle_v1_DbBegin__Output } from '../../bottle/v1/DbBegin.ts';
import type { DbStatement as _bottle_v1_DbStatement, DbStatement__Output as _bottle_v1_DbStatement__Output } from '../../bottle/v1/DbStatement.ts';
import type { DbBatch as _bottle_v1_DbBatch, DbBatch__Output as _bottle_v1_DbBatch__Output } from '../../bottle/v1/DbBatch.ts';
import type { DbEnd as _bottle_v1_DbEnd, DbEnd__Output as _bottle_v1_DbEnd__Output } from '../../bottle/v1/DbEnd.ts';
import type { DbSavepoint as _bottle_v1_DbSavepoint, DbSavepoint__Output as _bottle_v1_DbSavepoint__Output } from '../../bottle/v1/DbSavepoint.ts';

/**
 * What a transaction does next; the next step is sent when this one is answered.
 */
export interface DbTransactionStep {
  /**
   * First step.
   */
  'begin'?: (_bottle_v1_DbBegin | null);
  /**
   * A statement, its whole answer at once.
   */
  'execute'?: (_bottle_v1_DbStatement | null);
  /**
   * One statement, many rows.
   */
  'batch'?: (_bottle_v1_DbBatch | null);
  /**
   * Ends the transaction; its answer means that it is durable.
   */
  'commit'?: (_bottle_v1_DbEnd | null);
  /**
   * Ends the transaction.
   */
  'rollback'?: (_bottle_v1_DbEnd | null);
  /**
   * A point to go back to.
   */
  'savepoint'?: (_bottle_v1_DbSavepoint | null);
  /**
   * Goes back to it; it remains.
   */
  'rollbackTo'?: (_bottle_v1_DbSavepoint | null);
  /**
   * Forgets it.
   */
  'release'?: (_bottle_v1_DbSavepoint | null);
  /**
   * A statement whose rows stream: several answers, all but the last one with `more`.
   */
  'query'?: (_bottle_v1_DbStatement | null);
  'step'?: "begin"|"execute"|"batch"|"commit"|"rollback"|"savepoint"|"rollbackTo"|"release"|"query";
}

/**
 * What a transaction does next; the next step is sent when this one is answered.
 */
export interface DbTransactionStep__Output {
  /**
   * First step.
   */
  'begin'?: (_bottle_v1_DbBegin__Output | null);
  /**
   * A statement, its whole answer at once.
   */
  'execute'?: (_bottle_v1_DbStatement__Output | null);
  /**
   * One statement, many rows.
   */
  'batch'?: (_bottle_v1_DbBatch__Output | null);
  /**
   * Ends the transaction; its answer means that it is durable.
   */
  'commit'?: (_bottle_v1_DbEnd__Output | null);
  /**
   * Ends the transaction.
   */
  'rollback'?: (_bottle_v1_DbEnd__Output | null);
  /**
   * A point to go back to.
   */
  'savepoint'?: (_bottle_v1_DbSavepoint__Output | null);
  /**
   * Goes back to it; it remains.
   */
  'rollbackTo'?: (_bottle_v1_DbSavepoint__Output | null);
  /**
   * Forgets it.
   */
  'release'?: (_bottle_v1_DbSavepoint__Output | null);
  /**
   * A statement whose rows stream: several answers, all but the last one with `more`.
   */
  'query'?: (_bottle_v1_DbStatement__Output | null);
  'step'?: "begin"|"execute"|"batch"|"commit"|"rollback"|"savepoint"|"rollbackTo"|"release"|"query";
}
