// Original file: bottle/v1/secrets.proto


/**
 * Which there are.
 */
export interface SecretKeys {
  /**
   * In the order of their bytes.
   */
  'keys'?: (string)[];
}

/**
 * Which there are.
 */
export interface SecretKeys__Output {
  /**
   * In the order of their bytes.
   */
  'keys': (string)[];
}
