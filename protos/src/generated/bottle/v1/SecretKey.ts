// Original file: bottle/v1/secrets.proto


/**
 * Which value.
 */
export interface SecretKey {
  /**
   * "api-key": letters, digits, "-", "_" and ".".
   */
  'key'?: (string);
}

/**
 * Which value.
 */
export interface SecretKey__Output {
  /**
   * "api-key": letters, digits, "-", "_" and ".".
   */
  'key': (string);
}
