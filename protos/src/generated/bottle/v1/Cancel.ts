// Original file: bottle/v1/channel.proto


export interface Cancel {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason'?: (string);
}

export interface Cancel__Output {
  /**
   * "client-closed", "deadline" or "shutdown".
   */
  'reason': (string);
}
