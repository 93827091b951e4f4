// Original file: bottle/v1/channel.proto


/**
 * The one error model of the platform.
 */
export interface Error {
  /**
   * A gRPC status code, 1–16.
   */
  'code'?: (number);
  /**
   * Machine-readable, kebab-case, documented in docs/errors.md: "overloaded".
   */
  'reason'?: (string);
  /**
   * For people. Never carries a stack or a secret.
   */
  'message'?: (string);
  /**
   * A JSON object with further fields; empty when there are none.
   */
  'detailsJson'?: (string);
  /**
   * The HTTP status to answer with where the code's own would be too coarse; 0: the code's own.
   */
  'httpStatus'?: (number);
  /**
   * While somebody develops (`--develop`), and only then: what led to it, as a JSON object with name, message, stack,
   * source and cause. Secrets are masked.
   */
  'reportJson'?: (string);
}

/**
 * The one error model of the platform.
 */
export interface Error__Output {
  /**
   * A gRPC status code, 1–16.
   */
  'code': (number);
  /**
   * Machine-readable, kebab-case, documented in docs/errors.md: "overloaded".
   */
  'reason': (string);
  /**
   * For people. Never carries a stack or a secret.
   */
  'message': (string);
  /**
   * A JSON object with further fields; empty when there are none.
   */
  'detailsJson': (string);
  /**
   * The HTTP status to answer with where the code's own would be too coarse; 0: the code's own.
   */
  'httpStatus': (number);
  /**
   * While somebody develops (`--develop`), and only then: what led to it, as a JSON object with name, message, stack,
   * source and cause. Secrets are masked.
   */
  'reportJson': (string);
}
