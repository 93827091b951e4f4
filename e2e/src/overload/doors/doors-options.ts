import type { Bar } from '../bars.ts';
import { capacityOf } from '../measure.ts';

/** Clients that keep the function busy: what they get done is the capacity. */
const CLIENTS = 8;

/** How long the steps are, and where what they were like goes. */
export interface DoorsOptions {
  stepMs: number;
  capacityMs: number;
  judge(title: string, bars: readonly Bar[]): void;
  progress(name: string, part: number): void;
}

/** Of the function behind the doors, over HTTP/1.1. */
export function doorsCapacity(port: number, path: string, durationMs: number): Promise<number> {
  return capacityOf(port, path, CLIENTS, durationMs);
}
