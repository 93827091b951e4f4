// How the pod goes, in this order; each step is bounded by time:
//  1. readiness says no, every response closes its connection;
//  2. everything is still served for `propagationMs`, while load balancers learn of it;
//  3. no new connections;
//  4. wait until nothing is in flight and each connection that came since step 1 has sent its request, a second at most for
//     those; or until `budgetMs` have passed.

export interface DrainOptions {
  propagationMs: number;
  budgetMs: number;
  /** Step 1. */
  startClosing(): void;
  /** Step 3; server-sent events end here, their readers reconnect elsewhere. Settles when the ports are closed. */
  stopListening(): Promise<void>;
  /** Connections that came since step 1 and have sent no request yet. */
  awaited(): number;
  /** Closes connections that wait for a request. */
  closeIdleConnections(): void;
  inFlight(): number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** How a drain went. */
export interface DrainResult {
  drained: boolean;
  /** Requests cut off when the budget was spent. */
  remaining: number;
}

const CHECK_MS = 20;
/** For requests that are on their way on connections kept from before: closing those as idle would reset them. */
const LINGER_MS = 200;
/** Longest wait for the first request of a connection. */
const AWAITED_MS = 1_000;

export class Drain {
  readonly #options: DrainOptions;
  #result: Promise<DrainResult> | undefined;
  readonly #begun = Promise.withResolvers<void>();

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get isDraining(): boolean {
    return this.#result !== undefined;
  }

  /** Settles when a drain begins. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Drains, once; later calls get the same result. */
  start(): Promise<DrainResult> {
    this.#result ??= this.#run();
    this.#begun.resolve();
    return this.#result;
  }

  async #run(): Promise<DrainResult> {
    const { propagationMs, budgetMs, startClosing, stopListening, closeIdleConnections, inFlight, awaited, log } =
      this.#options;
    log.info({ inFlight: inFlight(), propagationMs, budgetMs }, 'drain started');
    startClosing();
    await sleep(propagationMs);
    const deadline = performance.now() + budgetMs;
    await stopListening();
    const awaitedUntil = Math.min(performance.now() + AWAITED_MS, deadline);
    await sleep(LINGER_MS);
    const isBusy = (): boolean => {
      const now = performance.now();
      return (inFlight() > 0 && now < deadline) || (awaited() > 0 && now < awaitedUntil);
    };
    while (isBusy()) await sleep(CHECK_MS);
    const remaining = inFlight();
    closeIdleConnections();
    const result = { drained: remaining === 0, remaining };
    if (remaining > 0) log.warn(result, 'drain budget spent');
    else log.info(result, 'drained');
    return result;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
