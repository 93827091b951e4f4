// Original file: bottle/v1/secrets.proto


/**
 * A value.
 */
export interface SecretValue {
  /**
   * As it is kept, a line break at its end included. At most 1 MiB.
   */
  'value'?: (Buffer | Uint8Array | string);
}

/**
 * A value.
 */
export interface SecretValue__Output {
  /**
   * As it is kept, a line break at its end included. At most 1 MiB.
   */
  'value': (Buffer);
}
