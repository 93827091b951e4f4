// Original file: bottle/v1/rpc.proto


/**
 * Metadata of a call.
 */
export interface RpcMetadata {
  /**
   * Alternating name and value.
   */
  'entries'?: (string)[];
  /**
   * It is the trailer.
   */
  'trailer'?: (boolean);
}

/**
 * Metadata of a call.
 */
export interface RpcMetadata__Output {
  /**
   * Alternating name and value.
   */
  'entries': (string)[];
  /**
   * It is the trailer.
   */
  'trailer': (boolean);
}
