// Original file: bottle/v1/cache.proto


/**
 * A message to all who listen now.
 */
export interface CacheMessage {
  /**
   * Where.
   */
  'channel'?: (string);
  /**
   * What.
   */
  'payload'?: (Buffer | Uint8Array | string);
}

/**
 * A message to all who listen now.
 */
export interface CacheMessage__Output {
  /**
   * Where.
   */
  'channel': (string);
  /**
   * What.
   */
  'payload': (Buffer);
}
