// Original file: bottle/v1/config.proto


/**
 * All values.
 */
export interface ConfigList {
  /**
   * Only keys that begin so. Empty: all.
   */
  'prefix'?: (string);
}

/**
 * All values.
 */
export interface ConfigList__Output {
  /**
   * Only keys that begin so. Empty: all.
   */
  'prefix': (string);
}
