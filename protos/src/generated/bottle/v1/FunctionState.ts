// Original file: bottle/v1/channel.proto

/**
 * Where a function stands.
 */
export const FunctionState = {
  /**
   * Never sent.
   */
  FUNCTION_STATE_UNSPECIFIED: 'FUNCTION_STATE_UNSPECIFIED',
  /**
   * Loading, or waiting for its turn to be loaded again. Requests wait.
   */
  FUNCTION_STATE_INITIALISING: 'FUNCTION_STATE_INITIALISING',
  /**
   * Takes invocations.
   */
  FUNCTION_STATE_READY: 'FUNCTION_STATE_READY',
  /**
   * Loading failed; it is tried again with backoff. Requests get 503 with state_reason.
   */
  FUNCTION_STATE_FAILED: 'FUNCTION_STATE_FAILED',
} as const;

/**
 * Where a function stands.
 */
export type FunctionState =
  /**
   * Never sent.
   */
  | 'FUNCTION_STATE_UNSPECIFIED'
  | 0
  /**
   * Loading, or waiting for its turn to be loaded again. Requests wait.
   */
  | 'FUNCTION_STATE_INITIALISING'
  | 1
  /**
   * Takes invocations.
   */
  | 'FUNCTION_STATE_READY'
  | 2
  /**
   * Loading failed; it is tried again with backoff. Requests get 503 with state_reason.
   */
  | 'FUNCTION_STATE_FAILED'
  | 3

/**
 * Where a function stands.
 */
export type FunctionState__Output = typeof FunctionState[keyof typeof FunctionState]
