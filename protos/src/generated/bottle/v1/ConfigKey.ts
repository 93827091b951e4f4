// Original file: bottle/v1/config.proto


/**
 * Which value.
 */
export interface ConfigKey {
  /**
   * "pricing.discount"
   */
  'key'?: (string);
}

/**
 * Which value.
 */
export interface ConfigKey__Output {
  /**
   * "pricing.discount"
   */
  'key': (string);
}
