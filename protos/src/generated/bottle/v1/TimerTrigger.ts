// Original file: bottle/v1/triggers.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A schedule that starts a function, once for each tick in all pods together.
 */
export interface TimerTrigger {
  /**
   * Unique among all schedules: "<function>-<position>" unless the author names it.
   */
  'name'?: (string);
  /**
   * Five or six fields, the first of six being seconds.
   */
  'cron'?: (string);
  /**
   * Ticks at multiples of this, counted from 1970, in milliseconds.
   */
  'everyMs'?: (number | string | Long);
  /**
   * Ticks so long after the end of the invocation before, in milliseconds.
   */
  'intervalMs'?: (number | string | Long);
  /**
   * IANA name; empty: UTC. For cron.
   */
  'timeZone'?: (string);
  /**
   * The event's payload, as JSON; empty: none.
   */
  'payloadJson'?: (string);
  /**
   * What to do about ticks that nobody was there for: "skip", "once" or "all".
   */
  'misfire'?: (string);
  /**
   * What to do when the invocation before still runs: "skip", "queue" or "allow".
   */
  'overlap'?: (string);
  /**
   * Each tick is late by up to this, at random, in milliseconds.
   */
  'jitterMs'?: (number);
  /**
   * Every pod gets every tick, with its own share of the work, instead of one pod. Not for interval.
   */
  'broadcast'?: (boolean);
  /**
   * It has no ticks, and is only fired by hand.
   */
  'disabled'?: (boolean);
  'schedule'?: "cron"|"everyMs"|"intervalMs";
}

/**
 * A schedule that starts a function, once for each tick in all pods together.
 */
export interface TimerTrigger__Output {
  /**
   * Unique among all schedules: "<function>-<position>" unless the author names it.
   */
  'name': (string);
  /**
   * Five or six fields, the first of six being seconds.
   */
  'cron'?: (string);
  /**
   * Ticks at multiples of this, counted from 1970, in milliseconds.
   */
  'everyMs'?: (string);
  /**
   * Ticks so long after the end of the invocation before, in milliseconds.
   */
  'intervalMs'?: (string);
  /**
   * IANA name; empty: UTC. For cron.
   */
  'timeZone': (string);
  /**
   * The event's payload, as JSON; empty: none.
   */
  'payloadJson': (string);
  /**
   * What to do about ticks that nobody was there for: "skip", "once" or "all".
   */
  'misfire': (string);
  /**
   * What to do when the invocation before still runs: "skip", "queue" or "allow".
   */
  'overlap': (string);
  /**
   * Each tick is late by up to this, at random, in milliseconds.
   */
  'jitterMs': (number);
  /**
   * Every pod gets every tick, with its own share of the work, instead of one pod. Not for interval.
   */
  'broadcast': (boolean);
  /**
   * It has no ticks, and is only fired by hand.
   */
  'disabled': (boolean);
  'schedule'?: "cron"|"everyMs"|"intervalMs";
}
