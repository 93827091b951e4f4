// Original file: bottle/v1/lock.proto


/**
 * Who holds a lock.
 */
export interface LockHolder {
  /**
   * Which.
   */
  'name'?: (string);
  /**
   * Who.
   */
  'owner'?: (string);
  /**
   * How long it is held without a further renewal, in milliseconds.
   */
  'leaseMs'?: (number);
}

/**
 * Who holds a lock.
 */
export interface LockHolder__Output {
  /**
   * Which.
   */
  'name': (string);
  /**
   * Who.
   */
  'owner': (string);
  /**
   * How long it is held without a further renewal, in milliseconds.
   */
  'leaseMs': (number);
}
