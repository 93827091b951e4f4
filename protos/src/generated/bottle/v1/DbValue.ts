// Original file: bottle/v1/database.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A value on its way, with nothing lost.
 */
export interface DbValue {
  /**
   * Whole number, 64 bits.
   */
  'integer'?: (number | string | Long);
  /**
   * IEEE double.
   */
  'number'?: (number | string);
  /**
   * Text.
   */
  'text'?: (string);
  /**
   * Bytes.
   */
  'blob'?: (Buffer | Uint8Array | string);
  /**
   * Exact decimal, as text: "12.50".
   */
  'decimal'?: (string);
  /**
   * A moment, milliseconds since 1970 in UTC; microseconds are the fraction.
   */
  'timestamp'?: (number | string);
  /**
   * JSON text.
   */
  'json'?: (string);
  /**
   * Whole number beyond 64 signed bits, as text.
   */
  'bigInteger'?: (string);
  /**
   * Nothing set is NULL.
   */
  'value'?: "integer"|"number"|"text"|"blob"|"decimal"|"timestamp"|"json"|"bigInteger";
}

/**
 * A value on its way, with nothing lost.
 */
export interface DbValue__Output {
  /**
   * Whole number, 64 bits.
   */
  'integer'?: (string);
  /**
   * IEEE double.
   */
  'number'?: (number);
  /**
   * Text.
   */
  'text'?: (string);
  /**
   * Bytes.
   */
  'blob'?: (Buffer);
  /**
   * Exact decimal, as text: "12.50".
   */
  'decimal'?: (string);
  /**
   * A moment, milliseconds since 1970 in UTC; microseconds are the fraction.
   */
  'timestamp'?: (number);
  /**
   * JSON text.
   */
  'json'?: (string);
  /**
   * Whole number beyond 64 signed bits, as text.
   */
  'bigInteger'?: (string);
  /**
   * Nothing set is NULL.
   */
  'value'?: "integer"|"number"|"text"|"blob"|"decimal"|"timestamp"|"json"|"bigInteger";
}
