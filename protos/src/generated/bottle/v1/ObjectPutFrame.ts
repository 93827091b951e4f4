// Original file: bottle/v1/objects.proto

import type { ObjectPut as _bottle_v1_ObjectPut, ObjectPut__Output as _bottle_v1_ObjectPut__Output } from '../../bottle/v1/ObjectPut.ts';

/**
 * One step of a Put.
 */
export interface ObjectPutFrame {
  /**
   * First frame.
   */
  'head'?: (_bottle_v1_ObjectPut | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer | Uint8Array | string);
  /**
   * Last frame: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `head`: a body that stops without `end` was cut off, and nothing is stored.
   */
  'marksEnd'?: (boolean);
  'frame'?: "head"|"chunk"|"end";
}

/**
 * One step of a Put.
 */
export interface ObjectPutFrame__Output {
  /**
   * First frame.
   */
  'head'?: (_bottle_v1_ObjectPut__Output | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer);
  /**
   * Last frame: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `head`: a body that stops without `end` was cut off, and nothing is stored.
   */
  'marksEnd': (boolean);
  'frame'?: "head"|"chunk"|"end";
}
