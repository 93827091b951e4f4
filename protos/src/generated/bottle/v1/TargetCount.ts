// Original file: bottle/v1/channel.proto


/**
 * What it holds of one target.
 */
export interface TargetCount {
  /**
   * As in `Request.target`.
   */
  'target'?: (string);
  /**
   * Places of calls that are not over.
   */
  'held'?: (number);
}

/**
 * What it holds of one target.
 */
export interface TargetCount__Output {
  /**
   * As in `Request.target`.
   */
  'target': (string);
  /**
   * Places of calls that are not over.
   */
  'held': (number);
}
