import type { LoadResult } from '../load-messages.ts';
import { runGenerator } from '../run-load.ts';
import type { DoorPorts } from './door.ts';
import type { DoorName } from './doors.ts';

/** What the generator shall send through a door. Durations in milliseconds. */
export interface DoorOrder {
  door: DoorName;
  ports: DoorPorts;
  /** Requests a second, by the clock, whatever comes back. */
  rate: number;
  durationMs: number;
  /** Not counted: the begin of it. */
  warmUpMs: number;
  /** An answer that comes later is not good. */
  deadlineMs: number;
}

/** What came of it. */
export interface DoorResult
  extends Pick<
    LoadResult,
    'seconds' | 'sent' | 'good' | 'goodMs' | 'refused' | 'refusedMs' | 'refusedLate' | 'others'
  > {
  /** What refusals looked like, and how many did. */
  forms: Readonly<Record<string, number>>;
  /** The invocations that were answered 504. */
  lateIds: readonly string[];
}

/** Sends it from a process of its own. */
export function runDoorLoad(order: DoorOrder): Promise<DoorResult> {
  return runGenerator(new URL('./generator.ts', import.meta.url), order);
}
