// Original file: bottle/v1/ping.proto

import type { LongestTurn as _bottle_v1_LongestTurn, LongestTurn__Output as _bottle_v1_LongestTurn__Output } from '../../bottle/v1/LongestTurn.ts';
import type { LeftOutValues as _bottle_v1_LeftOutValues, LeftOutValues__Output as _bottle_v1_LeftOutValues__Output } from '../../bottle/v1/LeftOutValues.ts';
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
  /**
   * Stored values and messages that it could not read since it started.
   */
  'leftOutValues'?: (_bottle_v1_LeftOutValues)[];
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
  /**
   * Stored values and messages that it could not read since it started.
   */
  'leftOutValues': (_bottle_v1_LeftOutValues__Output)[];
}
