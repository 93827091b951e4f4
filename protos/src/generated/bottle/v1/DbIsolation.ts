// Original file: bottle/v1/database.proto

/**
 * Isolation levels of the SQL standard. SQLite has only serializable.
 */
export const DbIsolation = {
  /**
   * The database's own default.
   */
  DB_ISOLATION_DEFAULT: 'DB_ISOLATION_DEFAULT',
  /**
   * Sees what others have not committed.
   */
  DB_ISOLATION_READ_UNCOMMITTED: 'DB_ISOLATION_READ_UNCOMMITTED',
  /**
   * Sees what others have committed, at each statement.
   */
  DB_ISOLATION_READ_COMMITTED: 'DB_ISOLATION_READ_COMMITTED',
  /**
   * Sees what was committed when it began.
   */
  DB_ISOLATION_REPEATABLE_READ: 'DB_ISOLATION_REPEATABLE_READ',
  /**
   * As if it ran alone.
   */
  DB_ISOLATION_SERIALIZABLE: 'DB_ISOLATION_SERIALIZABLE',
} as const;

/**
 * Isolation levels of the SQL standard. SQLite has only serializable.
 */
export type DbIsolation =
  /**
   * The database's own default.
   */
  | 'DB_ISOLATION_DEFAULT'
  | 0
  /**
   * Sees what others have not committed.
   */
  | 'DB_ISOLATION_READ_UNCOMMITTED'
  | 1
  /**
   * Sees what others have committed, at each statement.
   */
  | 'DB_ISOLATION_READ_COMMITTED'
  | 2
  /**
   * Sees what was committed when it began.
   */
  | 'DB_ISOLATION_REPEATABLE_READ'
  | 3
  /**
   * As if it ran alone.
   */
  | 'DB_ISOLATION_SERIALIZABLE'
  | 4

/**
 * Isolation levels of the SQL standard. SQLite has only serializable.
 */
export type DbIsolation__Output = typeof DbIsolation[keyof typeof DbIsolation]
