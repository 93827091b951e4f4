// Original file: bottle/v1/cache.proto


/**
 * What to listen to.
 */
export interface CacheSubscription {
  /**
   * Channel names, exactly.
   */
  'channels'?: (string)[];
  /**
   * Sent once when the subscription stands, with an empty channel.
   */
  'acknowledge'?: (boolean);
}

/**
 * What to listen to.
 */
export interface CacheSubscription__Output {
  /**
   * Channel names, exactly.
   */
  'channels': (string)[];
  /**
   * Sent once when the subscription stands, with an empty channel.
   */
  'acknowledge': (boolean);
}
