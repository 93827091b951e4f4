// Original file: bottle/v1/events.proto

import type { Error as _bottle_v1_Error, Error__Output as _bottle_v1_Error__Output } from '../../bottle/v1/Error.ts';

/**
 * Messages of a streaming gRPC method travel in the streamed body, each behind five bytes: a flag and its length
 * (unsigned, big-endian). Flag 0: a message. Flag 128: an RpcEnd, the last one of a response. A body that stops without
 * it was cut off.
 */
export interface RpcEnd {
  /**
   * Entries of the trailer that the function has set, as in Response.
   */
  'trailer'?: (string)[];
  /**
   * Absent: the call succeeded.
   */
  'error'?: (_bottle_v1_Error | null);
}

/**
 * Messages of a streaming gRPC method travel in the streamed body, each behind five bytes: a flag and its length
 * (unsigned, big-endian). Flag 0: a message. Flag 128: an RpcEnd, the last one of a response. A body that stops without
 * it was cut off.
 */
export interface RpcEnd__Output {
  /**
   * Entries of the trailer that the function has set, as in Response.
   */
  'trailer': (string)[];
  /**
   * Absent: the call succeeded.
   */
  'error': (_bottle_v1_Error__Output | null);
}
