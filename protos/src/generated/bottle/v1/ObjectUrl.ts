// Original file: bottle/v1/objects.proto


/**
 * A URL that whoever has it may use.
 */
export interface ObjectUrl {
  /**
   * Where to.
   */
  'url'?: (string);
}

/**
 * A URL that whoever has it may use.
 */
export interface ObjectUrl__Output {
  /**
   * Where to.
   */
  'url': (string);
}
