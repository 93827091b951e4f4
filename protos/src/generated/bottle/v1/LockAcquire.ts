// Original file: bottle/v1/lock.proto


/**
 * A wish to hold a lock.
 */
export interface LockAcquire {
  /**
   * Which.
   */
  'name'?: (string);
  /**
   * Who: unique for each holder.
   */
  'owner'?: (string);
  /**
   * How long it is held without a renewal, in milliseconds.
   */
  'leaseMs'?: (number);
  /**
   * How long to wait for it, in milliseconds. 0: not at all. The answer may come sooner, after half of the resource's
   * `timeoutMs`: whoever wants to wait longer asks again.
   */
  'waitMs'?: (number);
}

/**
 * A wish to hold a lock.
 */
export interface LockAcquire__Output {
  /**
   * Which.
   */
  'name': (string);
  /**
   * Who: unique for each holder.
   */
  'owner': (string);
  /**
   * How long it is held without a renewal, in milliseconds.
   */
  'leaseMs': (number);
  /**
   * How long to wait for it, in milliseconds. 0: not at all. The answer may come sooner, after half of the resource's
   * `timeoutMs`: whoever wants to wait longer asks again.
   */
  'waitMs': (number);
}
