// Original file: bottle/v1/config.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A new value.
 */
export interface ConfigChange {
  /**
   * Which.
   */
  'key'?: (string);
  /**
   * JSON text; not set deletes it.
   */
  'valueJson'?: (string);
  /**
   * Only when the current revision is this one. Not set: in any case.
   */
  'expectedRevision'?: (number | string | Long);
  /**
   * Who changes it.
   */
  'changedBy'?: (string);
  '_valueJson'?: "valueJson";
  '_expectedRevision'?: "expectedRevision";
}

/**
 * A new value.
 */
export interface ConfigChange__Output {
  /**
   * Which.
   */
  'key': (string);
  /**
   * JSON text; not set deletes it.
   */
  'valueJson'?: (string);
  /**
   * Only when the current revision is this one. Not set: in any case.
   */
  'expectedRevision'?: (string);
  /**
   * Who changes it.
   */
  'changedBy': (string);
  '_valueJson'?: "valueJson";
  '_expectedRevision'?: "expectedRevision";
}
