// Original file: bottle/v1/rpc.proto


/**
 * A call of a gRPC method.
 */
export interface RpcCall {
  /**
   * "/package.Service/Method"
   */
  'method'?: (string);
  /**
   * Alternating lower-case name and value, repeats kept; values of names that end in -bin are base64, here and below.
   */
  'metadata'?: (string)[];
  /**
   * The encoded request.
   */
  'message'?: (Buffer | Uint8Array | string);
  /**
   * The method changes nothing, and may be sent again.
   */
  'idempotent'?: (boolean);
}

/**
 * A call of a gRPC method.
 */
export interface RpcCall__Output {
  /**
   * "/package.Service/Method"
   */
  'method': (string);
  /**
   * Alternating lower-case name and value, repeats kept; values of names that end in -bin are base64, here and below.
   */
  'metadata': (string)[];
  /**
   * The encoded request.
   */
  'message': (Buffer);
  /**
   * The method changes nothing, and may be sent again.
   */
  'idempotent': (boolean);
}
