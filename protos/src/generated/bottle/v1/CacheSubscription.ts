// Original file: bottle/v1/cache.proto


/**
 * What to listen to.
 */
export interface CacheSubscription {
  /**
   * Channel names, exactly.
   */
  'channels'?: (string)[];
}

/**
 * What to listen to.
 */
export interface CacheSubscription__Output {
  /**
   * Channel names, exactly.
   */
  'channels': (string)[];
}
