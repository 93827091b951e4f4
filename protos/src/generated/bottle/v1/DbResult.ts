// Original file: bottle/v1/database.proto

import type { DbColumn as _bottle_v1_DbColumn, DbColumn__Output as _bottle_v1_DbColumn__Output } from '../../bottle/v1/DbColumn.ts';
import type { DbRow as _bottle_v1_DbRow, DbRow__Output as _bottle_v1_DbRow__Output } from '../../bottle/v1/DbRow.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * An answer, or a part of one.
 */
export interface DbResult {
  /**
   * Once, in the first part.
   */
  'columns'?: (_bottle_v1_DbColumn)[];
  /**
   * In order.
   */
  'rows'?: (_bottle_v1_DbRow)[];
  /**
   * Rows inserted, changed or deleted.
   */
  'affectedRows'?: (number | string | Long);
  /**
   * The first id that an insert produced; 0 when it produced none.
   */
  'insertId'?: (number | string | Long);
}

/**
 * An answer, or a part of one.
 */
export interface DbResult__Output {
  /**
   * Once, in the first part.
   */
  'columns': (_bottle_v1_DbColumn__Output)[];
  /**
   * In order.
   */
  'rows': (_bottle_v1_DbRow__Output)[];
  /**
   * Rows inserted, changed or deleted.
   */
  'affectedRows': (string);
  /**
   * The first id that an insert produced; 0 when it produced none.
   */
  'insertId': (string);
}
