/** What the load generator shall send. Durations in milliseconds. */
export interface LoadOrder {
  port: number;
  path: string;
  /** Lower-case header lines with their values. */
  headers: Readonly<Record<string, string>>;
  /** Requests a second, by the clock, whatever comes back; or a fixed number of clients, each with one at a time. */
  pace: { kind: 'open'; rate: number } | { kind: 'closed'; clients: number };
  durationMs: number;
  /** Not counted: the begin of it. */
  warmUpMs: number;
  /** A client that has waited so long leaves. @default it stays */
  patienceMs?: number | undefined;
  /** An answer that comes later is not good. */
  deadlineMs: number;
}

/** What came of it. */
export interface LoadResult {
  seconds: number;
  sent: number;
  /** 200 in time, answered within the measured seconds, whenever it was sent. */
  good: number;
  goodMs: Quantiles;
  /** 503 with the reason `overloaded`. */
  refused: number;
  refusedMs: Quantiles;
  /** Refused and later than 50 ms. */
  refusedLate: number;
  /** Refusals without Retry-After. */
  withoutRetryAfter: number;
  /** The client left. */
  left: number;
  /** Whatever else, by status and reason: "504 deadline". */
  others: Readonly<Record<string, number>>;
  /** The invocations of some, for traces; of all that were answered 504. */
  ids: { good: string[]; refused: string[]; late: string[] };
}

export interface Quantiles {
  p50: number;
  p99: number;
  max: number;
}
