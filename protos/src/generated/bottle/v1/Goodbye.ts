// Original file: bottle/v1/channel.proto


/**
 * The responder is about to stop.
 */
export interface Goodbye {
  'reason'?: (string);
}

/**
 * The responder is about to stop.
 */
export interface Goodbye__Output {
  'reason': (string);
}
