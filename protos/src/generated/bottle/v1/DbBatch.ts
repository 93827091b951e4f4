// Original file: bottle/v1/database.proto

import type { DbRow as _bottle_v1_DbRow, DbRow__Output as _bottle_v1_DbRow__Output } from '../../bottle/v1/DbRow.ts';

/**
 * One statement, many rows.
 */
export interface DbBatch {
  /**
   * With `?` where values go.
   */
  'sql'?: (string);
  /**
   * Parameters of each run.
   */
  'rows'?: (_bottle_v1_DbRow)[];
}

/**
 * One statement, many rows.
 */
export interface DbBatch__Output {
  /**
   * With `?` where values go.
   */
  'sql': (string);
  /**
   * Parameters of each run.
   */
  'rows': (_bottle_v1_DbRow__Output)[];
}
