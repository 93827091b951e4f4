// Original file: bottle/v1/rpc.proto

import type { RpcCall as _bottle_v1_RpcCall, RpcCall__Output as _bottle_v1_RpcCall__Output } from '../../bottle/v1/RpcCall.ts';
import type { RpcMetadata as _bottle_v1_RpcMetadata, RpcMetadata__Output as _bottle_v1_RpcMetadata__Output } from '../../bottle/v1/RpcMetadata.ts';

/**
 * One step of a streaming call.
 */
export interface RpcFrame {
  /**
   * First frame up.
   */
  'call'?: (_bottle_v1_RpcCall | null);
  /**
   * An encoded message.
   */
  'message'?: (Buffer | Uint8Array | string);
  /**
   * Down: an empty one as soon as the call is on its way, then the server's initial metadata; last, the trailer.
   */
  'metadata'?: (_bottle_v1_RpcMetadata | null);
  /**
   * Last frame up: there are no further messages.
   */
  'end'?: (boolean);
  /**
   * With `call`: messages that stop without `end` were cut off.
   */
  'marksEnd'?: (boolean);
  'frame'?: "call"|"message"|"metadata"|"end";
}

/**
 * One step of a streaming call.
 */
export interface RpcFrame__Output {
  /**
   * First frame up.
   */
  'call'?: (_bottle_v1_RpcCall__Output | null);
  /**
   * An encoded message.
   */
  'message'?: (Buffer);
  /**
   * Down: an empty one as soon as the call is on its way, then the server's initial metadata; last, the trailer.
   */
  'metadata'?: (_bottle_v1_RpcMetadata__Output | null);
  /**
   * Last frame up: there are no further messages.
   */
  'end'?: (boolean);
  /**
   * With `call`: messages that stop without `end` were cut off.
   */
  'marksEnd': (boolean);
  'frame'?: "call"|"message"|"metadata"|"end";
}
