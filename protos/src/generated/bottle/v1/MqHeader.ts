// Original file: bottle/v1/mq.proto


/**
 * One header of a message.
 */
export interface MqHeader {
  /**
   * Name.
   */
  'name'?: (string);
  /**
   * Value.
   */
  'value'?: (Buffer | Uint8Array | string);
}

/**
 * One header of a message.
 */
export interface MqHeader__Output {
  /**
   * Name.
   */
  'name': (string);
  /**
   * Value.
   */
  'value': (Buffer);
}
