// Original file: bottle/v1/objects.proto


/**
 * Which object.
 */
export interface ObjectKey {
  /**
   * "avatars/ada.png"
   */
  'key'?: (string);
}

/**
 * Which object.
 */
export interface ObjectKey__Output {
  /**
   * "avatars/ada.png"
   */
  'key': (string);
}
