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
   * Value. Not set: it has none, which is not the same as no byte.
   */
  'value'?: (Buffer | Uint8Array | string);
  '_value'?: "value";
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
   * Value. Not set: it has none, which is not the same as no byte.
   */
  'value'?: (Buffer);
  '_value'?: "value";
}
