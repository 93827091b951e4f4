// Original file: bottle/v1/database.proto

import type { DbValue as _bottle_v1_DbValue, DbValue__Output as _bottle_v1_DbValue__Output } from '../../bottle/v1/DbValue.ts';

/**
 * A row of an answer.
 */
export interface DbRow {
  /**
   * One for each column.
   */
  'values'?: (_bottle_v1_DbValue)[];
}

/**
 * A row of an answer.
 */
export interface DbRow__Output {
  /**
   * One for each column.
   */
  'values': (_bottle_v1_DbValue__Output)[];
}
