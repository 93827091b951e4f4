// Original file: bottle/v1/cache.proto


/**
 * One page of keys.
 */
export interface CachePage {
  /**
   * Empty when this was the last one.
   */
  'cursor'?: (string);
  /**
   * Without the resource's prefix.
   */
  'keys'?: (string)[];
}

/**
 * One page of keys.
 */
export interface CachePage__Output {
  /**
   * Empty when this was the last one.
   */
  'cursor': (string);
  /**
   * Without the resource's prefix.
   */
  'keys': (string)[];
}
