// Original file: bottle/v1/objects.proto

import type { ObjectGetHead as _bottle_v1_ObjectGetHead, ObjectGetHead__Output as _bottle_v1_ObjectGetHead__Output } from '../../bottle/v1/ObjectGetHead.ts';

/**
 * One step of the answer to a Get.
 */
export interface ObjectGetFrame {
  /**
   * First frame.
   */
  'head'?: (_bottle_v1_ObjectGetHead | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer | Uint8Array | string);
  'frame'?: "head"|"chunk";
}

/**
 * One step of the answer to a Get.
 */
export interface ObjectGetFrame__Output {
  /**
   * First frame.
   */
  'head'?: (_bottle_v1_ObjectGetHead__Output | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer);
  'frame'?: "head"|"chunk";
}
