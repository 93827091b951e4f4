// Original file: bottle/v1/database.proto


/**
 * A named point.
 */
export interface DbSavepoint {
  /**
   * Letters, digits and "_".
   */
  'name'?: (string);
}

/**
 * A named point.
 */
export interface DbSavepoint__Output {
  /**
   * Letters, digits and "_".
   */
  'name': (string);
}
