// Original file: bottle/v1/database.proto


/**
 * A column of an answer.
 */
export interface DbColumn {
  /**
   * As the statement names it.
   */
  'name'?: (string);
  /**
   * The database's own type name, lower case: "bigint", "varchar".
   */
  'type'?: (string);
}

/**
 * A column of an answer.
 */
export interface DbColumn__Output {
  /**
   * As the statement names it.
   */
  'name': (string);
  /**
   * The database's own type name, lower case: "bigint", "varchar".
   */
  'type': (string);
}
