/** One measurement of one variant; the medians over all rounds in the report. */
export interface Result {
  case: string;
  variant: string;
  connections: number;
  rps: number;
  p50Us: number;
  p99Us: number;
  cpuUsPerRequest: number;
  rssMb: number;
  errors: number;
}

export interface BenchOptions {
  rounds: number;
  /** Of one measurement, in milliseconds. */
  durationMs: number;
  warmUpMs: number;
  /** Requests of the memory case. */
  requests: number;
  /** How long the reader of stream-1g stalls, in milliseconds. */
  stallMs: number;
  progress(line: string): void;
}
