/** One thing that there can be more and more of. */
export interface Axis {
  /** "readers" */
  name: string;
  /** What the sizes count: "open at once, then all leave". */
  unit: string;
  /** Four sizes, each several times the one before. */
  sizes: readonly [number, number, number, number];
  /** The same for the short form. */
  short: readonly [number, number, number, number];
  /** What docs/limits.md promises: nothing up to here may fail. */
  supported: number;
  /** Everything that the sizes share. */
  open(): Promise<OpenAxis>;
}

export interface OpenAxis {
  /** Of the processes whose CPU time and memory count. */
  pids(): number[];
  /** The work, through the pod. Rejects with what failed. What it returns is called after the measurement. */
  run(size: number): Promise<void | (() => Promise<void>)>;
  /** The same work without the pod. */
  direct(size: number): Promise<void>;
  close(): Promise<void>;
}
