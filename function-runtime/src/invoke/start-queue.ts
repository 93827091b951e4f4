// Where invocations wait for their beginning.
//  1. Starts take at most a slice of each turn of the event loop; then cancels, timers, answers of bottle calls and all
//     other I/O get their turn. What begins in its microtasks counts: the next start is made when they have run.
//  2. Deadline and cancel are looked at before each start. What is dropped has not begun.
//  3. Functions take turns by start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): each has a virtual time, which
//     its starts move on by what they took, divided by its weight; the lowest one is next. Who comes back after a pause
//     starts where the others are.
//  4. While nothing waits and the slice is not used up, a start is a plain call.
//  5. Starts of a function that are known to be short are made several at a time: looking at the clock after each, behind
//     its microtasks, costs more than they do. What is known is the longest of late.

/** The share of a turn that starts may take. (1) */
const SLICE_MS = 4;
/** After a slice that took so long, what has arrived meanwhile is read first: it may be a cancel. */
const LONG_SLICE_MS = 20;
/** (5) How long, and how many, those made together may be. */
const BURST_MS = 0.5;
const MAX_BURST = 8;
/** What is left of the longest start after each shorter one. */
const FADING = 0.8;
/** The share of a new figure in what a function typically takes. */
const WEIGHT = 0.1;

/** So many slots behind the head of a queue are given back together. */
const MAX_CLEARED = 1_024;

/** What is to begin. */
export interface Start {
  /** When nobody waits for it any more, on the clock of performance.now(). */
  readonly deadlineAt: number;
  /** It was cancelled while it waited, and has said so itself. */
  readonly isGone: boolean;
  /** `now` is on the clock of performance.now(). */
  begin(now: number): void;
  /** (2) */
  drop(): void;
}

/** One function's part in the queue. */
export class Share {
  readonly name: string;
  /** Its `concurrency`. */
  weight: number;
  /** Places of invocations that are not over: waiting, running or abandoned. */
  held = 0;
  /** From begin to end, for those that ended well; 0 while unknown. */
  typicalMs = 0;
  virtualTime = 0;
  /** One array for good, cleared behind its head: one that is thrown away would keep what it held until a major collection. */
  readonly #waiting: (Start | undefined)[] = [];
  #head = 0;

  /** How many may begin together. (5) */
  burst = 1;
  #startMs = 0;

  constructor(name: string, weight: number) {
    this.name = name;
    this.weight = weight;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  push(start: Start): void {
    this.#waiting.push(start);
  }

  shift(): Start | undefined {
    const start = this.#waiting[this.#head];
    this.#waiting[this.#head++] = undefined;
    if (this.#head === this.#waiting.length) this.#waiting.length = 0;
    else if (this.#head === MAX_CLEARED) this.#waiting.splice(0, this.#head);
    else return start;
    this.#head = 0;
    return start;
  }

  /** So many have begun together, in so much time. */
  begun(count: number, tookMs: number): void {
    this.virtualTime += tookMs / this.weight;
    this.#startMs = Math.max(tookMs / count, this.#startMs * FADING);
    this.burst = Math.min(MAX_BURST, Math.max(1, Math.floor(BURST_MS / this.#startMs)));
  }

  tookMs(durationMs: number): void {
    this.typicalMs = this.typicalMs === 0 ? durationMs : this.typicalMs + WEIGHT * (durationMs - this.typicalMs);
  }
}

export interface StartQueueOptions {
  /** A function's share, compared with the others. */
  weightOf(name: string): number;
  /** A turn in which something has begun is over. */
  onTurnEnd?(): void;
  /** How long the event loop was kept by starts of a function that were made together, in milliseconds. */
  onStarts?(name: string, tookMs: number): void;
  /** As performance.now(). */
  now?(): number;
}

export class StartQueue {
  readonly #options: StartQueueOptions;
  readonly #now: () => number;
  readonly #shares = new Map<string, Share>();
  /** Those with something that waits. */
  readonly #backlogged: Share[] = [];
  /** Whose starts have been made, and their microtasks have not run. */
  #current: Share | undefined;
  /** How many. */
  #count = 0;
  #startedAt = 0;
  /** A start has been made in this turn. */
  #isInSlice = false;
  #sliceBeganAt = 0;
  #isCatchingUp = false;
  /** The virtual time of the start made last. (3) */
  #virtualNow = 0;

  constructor(options: StartQueueOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get shares(): ReadonlyMap<string, Share> {
    return this.#shares;
  }

  shareOf(name: string): Share {
    let share = this.#shares.get(name);
    if (!share) this.#shares.set(name, (share = new Share(name, this.#options.weightOf(name))));
    return share;
  }

  /** (4) Whether what comes now begins now. If so its start has been counted, and whoever asks has to make it. */
  beginsAtOnce(share: Share, now: number): boolean {
    if (this.#backlogged.length > 0 || this.#isCatchingUp) return false;
    if (this.#current ? !this.#mayJoin(share) : this.#isInSlice && now >= this.#sliceBeganAt + SLICE_MS) return false;
    share.virtualTime = Math.max(share.virtualTime, this.#virtualNow);
    this.#start(share, now);
    return true;
  }

  /** Begins what does not begin at once when it is its turn. */
  add(share: Share, start: Start): void {
    if (share.waiting === 0) {
      share.virtualTime = Math.max(share.virtualTime, this.#virtualNow);
      this.#backlogged.push(share);
    }
    share.push(start);
  }

  #mayJoin(share: Share): boolean {
    return this.#current === share && this.#count < share.burst; // (5)
  }

  #start(share: Share, now: number): void {
    if (!this.#isInSlice) {
      this.#isInSlice = true;
      this.#sliceBeganAt = now;
      setImmediate(this.#onTurn);
    }
    this.#count += 1;
    if (this.#current) return;
    this.#current = share;
    this.#startedAt = now;
    this.#virtualNow = share.virtualTime;
    queueMicrotask(this.#afterMicrotasks);
  }

  /** A tick of its own, which comes when no microtask is left. (1) */
  readonly #afterMicrotasks = (): void => process.nextTick(this.#next);

  readonly #next = (): void => {
    const now = this.#now();
    const share = this.#current;
    if (share) {
      share.begun(this.#count, now - this.#startedAt);
      this.#options.onStarts?.(share.name, now - this.#startedAt);
    }
    this.#current = undefined;
    this.#count = 0;
    if (this.#backlogged.length > 0 && now < this.#sliceBeganAt + SLICE_MS) this.#beginNext(now);
  };

  readonly #onTurn = (): void => {
    this.#isInSlice = false;
    this.#options.onTurnEnd?.();
    const now = this.#now();
    this.#isCatchingUp = !this.#isCatchingUp && now > this.#sliceBeganAt + LONG_SLICE_MS;
    if (this.#isCatchingUp) setImmediate(this.#onTurn);
    else if (this.#backlogged.length > 0) this.#beginNext(now);
  };

  /** Begins as many as may begin together of the one whose turn it is. */
  #beginNext(now: number): void {
    for (let share = this.#lowest(); share && this.#mayGoOn(share); share = this.#lowest()) {
      const start = share.shift();
      if (share.waiting === 0) this.#backlogged.splice(this.#backlogged.indexOf(share), 1);
      if (!start || start.isGone) continue;
      if (start.deadlineAt - now > share.typicalMs) {
        this.#start(share, now);
        start.begin(now);
      } else start.drop(); // (2)
    }
  }

  #mayGoOn(share: Share): boolean {
    return this.#current === undefined || this.#mayJoin(share);
  }

  #lowest(): Share | undefined {
    let lowest: Share | undefined;
    for (const share of this.#backlogged) if (!lowest || share.virtualTime < lowest.virtualTime) lowest = share;
    return lowest;
  }
}
