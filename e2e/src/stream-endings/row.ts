import type { Stage } from './stage.ts';

/** One ending of one stream, done to real processes. */
export interface Row {
  /** Which streams: "response", "request", … */
  part: string;
  /** "HTTP/1.1", "HTTP/2", "gRPC", … */
  way: string;
  ending: string;
  /** What its client has to see; for rows whose client leaves, what the function saw. */
  expected: string;
  act(stage: Stage): Promise<string>;
  /** Whose log has the one error line with the invocation's id and the stack. */
  log: 'function' | 'sidecar' | 'nothing';
  /** The series of /metrics that grows by one; empty where the sidecar, and its count, is gone. */
  metric: string;
}

/** What came of a row. */
export interface Verdict {
  row: Row;
  seen: string;
  tookMs: number;
  /** What does not hold. */
  faults: string[];
}

/** The client has to see it within this, in milliseconds. */
export const WITHIN_MS = 1_000;
