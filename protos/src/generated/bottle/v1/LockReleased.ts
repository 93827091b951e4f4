// Original file: bottle/v1/lock.proto


/**
 * Whether it was still held.
 */
export interface LockReleased {
  /**
   * False when it had been lost.
   */
  'released'?: (boolean);
}

/**
 * Whether it was still held.
 */
export interface LockReleased__Output {
  /**
   * False when it had been lost.
   */
  'released': (boolean);
}
