// Original file: bottle/v1/database.proto

import type { DbResult as _bottle_v1_DbResult, DbResult__Output as _bottle_v1_DbResult__Output } from '../../bottle/v1/DbResult.ts';
import type { Error as _bottle_v1_Error, Error__Output as _bottle_v1_Error__Output } from '../../bottle/v1/Error.ts';

/**
 * The answer to one step.
 */
export interface DbTransactionAnswer {
  /**
   * What came of it; empty for steps that only succeed.
   */
  'result'?: (_bottle_v1_DbResult | null);
  /**
   * The step failed; the transaction is still open, unless `closed`.
   */
  'error'?: (_bottle_v1_Error | null);
  /**
   * The transaction is over: a deadlock, a lost connection.
   */
  'closed'?: (boolean);
  /**
   * Another answer to the same step follows.
   */
  'more'?: (boolean);
}

/**
 * The answer to one step.
 */
export interface DbTransactionAnswer__Output {
  /**
   * What came of it; empty for steps that only succeed.
   */
  'result': (_bottle_v1_DbResult__Output | null);
  /**
   * The step failed; the transaction is still open, unless `closed`.
   */
  'error': (_bottle_v1_Error__Output | null);
  /**
   * The transaction is over: a deadlock, a lost connection.
   */
  'closed': (boolean);
  /**
   * Another answer to the same step follows.
   */
  'more': (boolean);
}
