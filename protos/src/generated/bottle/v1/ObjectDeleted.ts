// Original file: bottle/v1/objects.proto


/**
 * It is not there (any more).
 */
export interface ObjectDeleted {
}

/**
 * It is not there (any more).
 */
export interface ObjectDeleted__Output {
}
