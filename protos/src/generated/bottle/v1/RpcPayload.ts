// Original file: bottle/v1/rpc.proto


/**
 * An event or a result.
 */
export interface RpcPayload {
  /**
   * Media type. Empty: application/json.
   */
  'contentType'?: (string);
  /**
   * The bytes.
   */
  'body'?: (Buffer | Uint8Array | string);
}

/**
 * An event or a result.
 */
export interface RpcPayload__Output {
  /**
   * Media type. Empty: application/json.
   */
  'contentType': (string);
  /**
   * The bytes.
   */
  'body': (Buffer);
}
