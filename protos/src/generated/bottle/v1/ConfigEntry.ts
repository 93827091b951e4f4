// Original file: bottle/v1/config.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A value and where it stands.
 */
export interface ConfigEntry {
  /**
   * Its key.
   */
  'key'?: (string);
  /**
   * JSON text; not set when there is none.
   */
  'valueJson'?: (string);
  /**
   * Grows with every change of the key.
   */
  'revision'?: (number | string | Long);
  /**
   * When it was changed, milliseconds since 1970.
   */
  'changedAtMs'?: (number | string | Long);
  /**
   * Who changed it, as they said; empty when they did not.
   */
  'changedBy'?: (string);
  '_valueJson'?: "valueJson";
}

/**
 * A value and where it stands.
 */
export interface ConfigEntry__Output {
  /**
   * Its key.
   */
  'key': (string);
  /**
   * JSON text; not set when there is none.
   */
  'valueJson'?: (string);
  /**
   * Grows with every change of the key.
   */
  'revision': (string);
  /**
   * When it was changed, milliseconds since 1970.
   */
  'changedAtMs': (string);
  /**
   * Who changed it, as they said; empty when they did not.
   */
  'changedBy': (string);
  '_valueJson'?: "valueJson";
}
