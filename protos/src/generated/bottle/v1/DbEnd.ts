// Original file: bottle/v1/database.proto


/**
 * Commit or rollback.
 */
export interface DbEnd {
}

/**
 * Commit or rollback.
 */
export interface DbEnd__Output {
}
