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
   * As published. Absent: none.
   */
  'value'?: (Buffer | Uint8Array | string);
  '_value'?: "value";
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
   * As published. Absent: none.
   */
  'value'?: (Buffer);
  '_value'?: "value";
}
