// Where invocations wait for their beginning.
//  1. Starts take at most a slice of each turn of the event loop; then cancels, timers, answers of bottle calls and all
//     other I/O get their turn. What begins in its microtasks counts: the next start is made when they have run.
//  2. Deadline and cancel are looked at before each start. What is dropped has not begun.
//  3. Functions take turns by start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): each has a virtual time, which
//     its starts move on by what they took, divided by its weight; the lowest one is next. Who comes back after a pause
//     starts where the others are.
//  4. While nothing waits and the slice is not used up, a start is a plain call.

/** The share of a turn that starts may take. (1) */
const SLICE_MS = 4;
/** After a slice that took so long, what has arrived meanwhile is read first: it may be a cancel. */
const LONG_SLICE_MS = 20;
/** The share of a new figure in what a function typically takes. */
const WEIGHT = 0.1;

/** What is to begin. */
export interface Start {
  /** When nobody waits for it any more, on the clock of performance.now(). */
  readonly deadlineAt: number;
  /** It was cancelled while it waited, and has said so itself. */
  readonly isGone: boolean;
  begin(): void;
  /** (2) */
  drop(): void;
}

/** One function's part in the queue. */
export class Share {
  /** Its `concurrency`. */
  weight: number;
  /** Places of invocations that are not over: waiting, running or abandoned. */
  held = 0;
  /** From begin to end, for those that ended well; 0 while unknown. */
  typicalMs = 0;
  virtualTime = 0;
  #waiting: Start[] = [];
  #head = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  push(start: Start): void {
    this.#waiting.push(start);
  }

  shift(): Start | undefined {
    const start = this.#waiting[this.#head++];
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    }
    return start;
  }

  tookMs(durationMs: number): void {
    this.typicalMs = this.typicalMs === 0 ? durationMs : this.typicalMs + WEIGHT * (durationMs - this.typicalMs);
  }
}

export class StartQueue {
  readonly #weightOf: (name: string) => number;
  readonly #now: () => number;
  readonly #shares = new Map<string, Share>();
  /** Those with something that waits. */
  readonly #backlogged = new Set<Share>();
  /** A start has been made, and its microtasks have not run. */
  #isStarting = false;
  #current: Share | undefined;
  #startedAt = 0;
  /** A start has been made in this turn. */
  #isInSlice = false;
  #sliceBeganAt = 0;
  #isCatchingUp = false;
  /** The virtual time of the start made last. (3) */
  #virtualNow = 0;

  /** `weightOf`: a function's share, compared with the others. */
  constructor(weightOf: (name: string) => number, now: () => number = () => performance.now()) {
    this.#weightOf = weightOf;
    this.#now = now;
  }

  get shares(): ReadonlyMap<string, Share> {
    return this.#shares;
  }

  shareOf(name: string): Share {
    let share = this.#shares.get(name);
    if (!share) this.#shares.set(name, (share = new Share(this.#weightOf(name))));
    return share;
  }

  /** Begins it at once, or when it is its turn. */
  add(share: Share, start: Start): void {
    if (share.waiting === 0) share.virtualTime = Math.max(share.virtualTime, this.#virtualNow);
    const mayBegin = !this.#isStarting && !this.#isCatchingUp && this.#backlogged.size === 0;
    if (mayBegin) {
      const now = this.#now();
      if (!this.#isInSlice || now < this.#sliceBeganAt + SLICE_MS) {
        this.#begin(share, start, now); // (4)
        return;
      }
    }
    this.#backlogged.add(share);
    share.push(start);
  }

  #begin(share: Share, start: Start, now: number): void {
    if (!this.#isInSlice) {
      this.#isInSlice = true;
      this.#sliceBeganAt = now;
      setImmediate(this.#onTurn);
    }
    this.#isStarting = true;
    this.#current = share;
    this.#startedAt = now;
    this.#virtualNow = share.virtualTime;
    start.begin();
    queueMicrotask(this.#afterMicrotasks);
  }

  /** A tick of its own, which comes when no microtask is left. (1) */
  readonly #afterMicrotasks = (): void => process.nextTick(this.#next);

  readonly #next = (): void => {
    const now = this.#now();
    this.#isStarting = false;
    if (this.#current) this.#current.virtualTime += (now - this.#startedAt) / this.#current.weight;
    if (this.#backlogged.size > 0 && now < this.#sliceBeganAt + SLICE_MS) this.#beginNext(now);
  };

  readonly #onTurn = (): void => {
    this.#isInSlice = false;
    const now = this.#now();
    this.#isCatchingUp = !this.#isCatchingUp && now > this.#sliceBeganAt + LONG_SLICE_MS;
    if (this.#isCatchingUp) setImmediate(this.#onTurn);
    else if (this.#backlogged.size > 0) this.#beginNext(now);
  };

  #beginNext(now: number): void {
    for (let share = this.#lowest(); share; share = this.#lowest()) {
      const start = share.shift();
      if (share.waiting === 0) this.#backlogged.delete(share);
      if (!start || start.isGone) continue;
      if (start.deadlineAt - now > share.typicalMs) return this.#begin(share, start, now);
      start.drop(); // (2)
    }
  }

  #lowest(): Share | undefined {
    let lowest: Share | undefined;
    for (const share of this.#backlogged) if (!lowest || share.virtualTime < lowest.virtualTime) lowest = share;
    return lowest;
  }
}
