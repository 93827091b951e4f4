// Original file: bottle/v1/ping.proto

import type { LongestTurn as _bottle_v1_LongestTurn, LongestTurn__Output as _bottle_v1_LongestTurn__Output } from '../../bottle/v1/LongestTurn.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The answer, and what the process has to say of itself: it has no port of its own for metrics.
 */
export interface Pong {
  /**
   * The longest turns of its event loop since it started, by cause.
   */
  'longestTurns'?: (_bottle_v1_LongestTurn)[];
  /**
   * Lines that its log has dropped since it started.
   */
  'droppedLogLines'?: (number | string | Long);
}

/**
 * The answer, and what the process has to say of itself: it has no port of its own for metrics.
 */
export interface Pong__Output {
  /**
   * The longest turns of its event loop since it started, by cause.
   */
  'longestTurns': (_bottle_v1_LongestTurn__Output)[];
  /**
   * Lines that its log has dropped since it started.
   */
  'droppedLogLines': (string);
}
