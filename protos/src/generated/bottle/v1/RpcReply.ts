// Original file: bottle/v1/rpc.proto


/**
 * What a unary method answered.
 */
export interface RpcReply {
  /**
   * The encoded response.
   */
  'message'?: (Buffer | Uint8Array | string);
  /**
   * Alternating name and value of the initial metadata.
   */
  'metadata'?: (string)[];
  /**
   * The same of the trailer.
   */
  'trailer'?: (string)[];
}

/**
 * What a unary method answered.
 */
export interface RpcReply__Output {
  /**
   * The encoded response.
   */
  'message': (Buffer);
  /**
   * Alternating name and value of the initial metadata.
   */
  'metadata': (string)[];
  /**
   * The same of the trailer.
   */
  'trailer': (string)[];
}
