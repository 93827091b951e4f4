// Original file: bottle/v1/config.proto

import type { ConfigEntry as _bottle_v1_ConfigEntry, ConfigEntry__Output as _bottle_v1_ConfigEntry__Output } from '../../bottle/v1/ConfigEntry.ts';

/**
 * Several values.
 */
export interface ConfigEntries {
  /**
   * In order.
   */
  'entries'?: (_bottle_v1_ConfigEntry)[];
}

/**
 * Several values.
 */
export interface ConfigEntries__Output {
  /**
   * In order.
   */
  'entries': (_bottle_v1_ConfigEntry__Output)[];
}
