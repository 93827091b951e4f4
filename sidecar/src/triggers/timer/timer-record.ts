// What all pods know of a schedule. One text in the store of the lock resource, changed as a whole by compare-and-set:
// its revision is the fencing token of whoever acts on it.

/** A tick that is to run as soon as it may. */
export interface WaitingTick {
  slot: number;
  /** How often a pod has claimed it in vain. */
  tries: number;
}

/** A tick, or a firing by hand, that a pod has claimed. */
export interface ClaimedRun extends WaitingTick {
  /** Unique. */
  id: string;
  pod: string;
  /** It is, or was, about to be sent to the function: nobody else may run it, unless the function is idempotent. */
  started: boolean;
  manual: boolean;
}

/** The state of a schedule that fires once for all pods. */
export interface TimerRecord {
  /** The rule that `upTo` belongs to. */
  rule: string;
  /** Every slot up to here is decided on. For an interval: when the run before ended. */
  upTo: number;
  /** In the order in which they will run. */
  waiting: WaitingTick[];
  /** Under way. */
  runs: ClaimedRun[];
}

/** The state of a schedule whose ticks every pod gets. */
export interface ShareRecord {
  rule: string;
  /** The newest ticks, oldest first, and who shares each of them. */
  ticks: { slot: number; pods: string[] }[];
}
