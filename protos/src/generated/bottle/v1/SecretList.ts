// Original file: bottle/v1/secrets.proto


/**
 * All keys of a resource.
 */
export interface SecretList {
}

/**
 * All keys of a resource.
 */
export interface SecretList__Output {
}
