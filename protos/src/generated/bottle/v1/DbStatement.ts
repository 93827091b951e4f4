// Original file: bottle/v1/database.proto

import type { DbValue as _bottle_v1_DbValue, DbValue__Output as _bottle_v1_DbValue__Output } from '../../bottle/v1/DbValue.ts';

/**
 * A statement with `?` where values go.
 */
export interface DbStatement {
  /**
   * In the database's own dialect.
   */
  'sql'?: (string);
  /**
   * As many as there are question marks.
   */
  'parameters'?: (_bottle_v1_DbValue)[];
  /**
   * Refuse to change anything; may be answered by a replica.
   */
  'readOnly'?: (boolean);
}

/**
 * A statement with `?` where values go.
 */
export interface DbStatement__Output {
  /**
   * In the database's own dialect.
   */
  'sql': (string);
  /**
   * As many as there are question marks.
   */
  'parameters': (_bottle_v1_DbValue__Output)[];
  /**
   * Refuse to change anything; may be answered by a replica.
   */
  'readOnly': (boolean);
}
