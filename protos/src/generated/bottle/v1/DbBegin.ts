// Original file: bottle/v1/database.proto

import type { DbIsolation as _bottle_v1_DbIsolation, DbIsolation__Output as _bottle_v1_DbIsolation__Output } from '../../bottle/v1/DbIsolation.ts';

/**
 * How the transaction begins.
 */
export interface DbBegin {
  /**
   * What it sees of others.
   */
  'isolation'?: (_bottle_v1_DbIsolation);
  /**
   * Changes nothing.
   */
  'readOnly'?: (boolean);
}

/**
 * How the transaction begins.
 */
export interface DbBegin__Output {
  /**
   * What it sees of others.
   */
  'isolation': (_bottle_v1_DbIsolation__Output);
  /**
   * Changes nothing.
   */
  'readOnly': (boolean);
}
