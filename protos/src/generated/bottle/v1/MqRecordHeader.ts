// Original file: bottle/v1/events.proto


/**
 * A header of a message.
 */
export interface MqRecordHeader {
  /**
   * As published.
   */
  'name'?: (string);
  /**
   * As published.
   */
  'value'?: (Buffer | Uint8Array | string);
}

/**
 * A header of a message.
 */
export interface MqRecordHeader__Output {
  /**
   * As published.
   */
  'name': (string);
  /**
   * As published.
   */
  'value': (Buffer);
}
