// Original file: bottle/v1/objects.proto


/**
 * Which objects.
 */
export interface ObjectList {
  /**
   * What their keys begin with; empty: all.
   */
  'prefix'?: (string);
  /**
   * That of the page before; empty: from the first one.
   */
  'cursor'?: (string);
  /**
   * Most objects of the page, up to 1000; 0: 1000.
   */
  'limit'?: (number);
}

/**
 * Which objects.
 */
export interface ObjectList__Output {
  /**
   * What their keys begin with; empty: all.
   */
  'prefix': (string);
  /**
   * That of the page before; empty: from the first one.
   */
  'cursor': (string);
  /**
   * Most objects of the page, up to 1000; 0: 1000.
   */
  'limit': (number);
}
