import type { SharedState } from '@bottle/capabilities';

/** Runs of a schedule that are remembered, whichever pods they were in. */
const MAX_RUNS = 50;

/** What became of one tick. */
export interface TimerRun {
  /** ISO 8601; the slot. For a firing by hand, when it was asked for. */
  scheduledAt: string;
  /** ISO 8601; null when it never reached the function. */
  startedAt: string | null;
  durationMs: number;
  /** `lost`: its pod went away while it ran; whether it came to its end is not known. */
  result: 'ok' | 'error' | 'lost';
  /** With `error`: the error's reason and message. */
  reason?: string;
  message?: string;
  pod: string;
  manual: boolean;
  /** Of a broadcast. */
  shard?: { index: number; count: number };
  /** As in the logs; empty when it is not known. */
  invocationId: string;
}

/** The last runs of each schedule. Kept beside its record, so every pod shows the same. */
export class TimerHistory {
  readonly #state: SharedState;

  constructor(state: SharedState) {
    this.#state = state;
  }

  /** @param key of the schedule, with its service */
  async add(key: string, run: TimerRun): Promise<void> {
    await this.#state.append(`timer:${key}:runs`, JSON.stringify(run), MAX_RUNS);
  }

  /** Newest first. */
  async list(key: string): Promise<TimerRun[]> {
    return (await this.#state.items(`timer:${key}:runs`)).map((text) => JSON.parse(text) as TimerRun);
  }
}
