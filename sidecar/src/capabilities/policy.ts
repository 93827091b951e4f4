// How calls of one resource are bounded, repeated and refused. From the outside in: bulkhead → deadline → retry →
// breaker → driver. Subscriptions and the like, which last, have places of their own: they take none from calls.
import { setTimeout as delay } from 'node:timers/promises';
import type { CallFacts } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import type { PolicyConfig } from '../resources-config.ts';
import type { BrokerCall } from './broker-call.ts';
import { Bulkhead } from './bulkhead.ts';
import { Repeats } from './repeats.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** What a stream tells of itself while it runs. */
export interface StreamProgress {
  /** The other side has sent something. */
  onRequest(): void;
  /** The resource has. */
  onAnswer(): void;
}

export class Policy {
  readonly #config: PolicyConfig;
  readonly #resourceId: string;
  readonly #bulkhead: Bulkhead;
  /** Of streams that last. */
  readonly #lasting: Bulkhead;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #repeats: Repeats;
  /** The breaker is closed and counts no failures: a success would tell it nothing. */
  #untroubled = true;

  constructor(resourceId: string, config: PolicyConfig) {
    this.#resourceId = resourceId;
    this.#config = config;
    this.#bulkhead = new Bulkhead(resourceId, config.bulkhead);
    this.#lasting = new Bulkhead(resourceId, { concurrency: config.bulkhead.streams, queue: 0 });
    this.#breaker = circuitBreaker(handleWhen(isOutage), {
      breaker: new ConsecutiveBreaker(config.breaker.failures),
      halfOpenAfter: config.breaker.openMs,
    });
    this.#repeats = new Repeats(config.retry);
  }

  get breakerState(): BreakerState {
    const { state } = this.#breaker;
    if (state === CircuitState.Closed) return 'closed';
    return state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  get inFlight(): number {
    return this.#bulkhead.inFlight;
  }

  /** Subscriptions, watches and gRPC streams that are open. */
  get openStreams(): number {
    return this.#lasting.inFlight;
  }

  /** Runs a call; `attempt` may be called several times when the facts allow it. Throws BottleError. */
  run<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#config;
    const bulkhead = this.#bulkhead;
    const work = (): Promise<Result> => this.#tries(facts, call, attempt);
    call.onExpire = this.#onExpire;
    if (bulkhead.tryEnter()) return call.within(timeoutMs, work, bulkhead.leave);
    const enteredAt = performance.now();
    return bulkhead.enter(call, timeoutMs).then(() => {
      const leftMs = Math.max(1, timeoutMs - (performance.now() - enteredAt));
      return call.within(leftMs, work, bulkhead.leave);
    });
  }

  /** A call took too long. While all seemed well the breaker did not look on, so it is told here. */
  readonly #onExpire = (timeout: BottleError): void => {
    if (!this.#untroubled) return;
    this.#untroubled = false;
    this.#breaker.execute(() => Promise.reject(timeout)).catch(() => {}); // it has rejected for its caller already
  };

  /**
   * Runs a stream, which is never repeated: a place among the calls, or among those that last; the breaker, which learns
   * from the first answer or the failure before it; and a deadline for that answer, which begins anew with each request.
   * Throws BottleError.
   */
  async stream(
    call: BrokerCall,
    work: (progress: StreamProgress) => Promise<void>,
    { isLasting = false }: { isLasting?: boolean | undefined } = {},
  ): Promise<void> {
    const { timeoutMs, bulkhead: limits } = this.#config;
    const bulkhead = isLasting ? this.#lasting : this.#bulkhead;
    if (!bulkhead.tryEnter()) {
      if (isLasting) throw streamsFull(this.#resourceId, limits.streams);
      await bulkhead.enter(call, timeoutMs);
    }
    const answered = Promise.withResolvers<void>();
    let isAnswered = false;
    const timer = setTimeout(() => call.expire(timeoutMs), timeoutMs);
    const progress: StreamProgress = {
      onRequest() {
        if (!isAnswered) timer.refresh();
      },
      onAnswer() {
        if (isAnswered) return;
        isAnswered = true;
        clearTimeout(timer);
        answered.resolve();
      },
    };
    try {
      let served: Promise<void> | undefined;
      // Only until the first answer: while the breaker tries one call, all others wait for its outcome.
      await this.#guarded(false, call, () => {
        served = work(progress);
        return Promise.race([answered.promise, served]);
      });
      await served;
    } finally {
      clearTimeout(timer);
      bulkhead.leave();
    }
  }

  /** The first attempt goes straight to the driver while all is well: the breaker and the repeats see only trouble. */
  #tries<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    this.#repeats.begin();
    if (!this.#untroubled) return this.#guarded(facts.repeatable, call, attempt);
    return attempt().catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      this.#untroubled = false;
      let isFirst = true;
      return this.#guarded(facts.repeatable, call, () => {
        if (!isFirst) return attempt();
        isFirst = false;
        return Promise.reject(error); // what the attempt above came to
      });
    });
  }

  async #guarded<Result>(repeatable: boolean, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      try {
        call.throwIfCancelled();
        // A driver that does not even fail must not keep the breaker waiting.
        const result = await this.#breaker.execute(() => call.untilCancelled(attempt));
        this.#untroubled = this.#breaker.state === CircuitState.Closed;
        return result;
      } catch (thrown) {
        const mayRepeat = isTransient(thrown) && (repeatable || wasNotSent(thrown));
        const pauseMs = mayRepeat ? this.#repeats.take(count) : undefined;
        if (pauseMs === undefined) throw this.#explain(thrown);
        await delay(pauseMs);
      }
    }
  }

  #explain(thrown: unknown): unknown {
    if (!(thrown instanceof BrokenCircuitError)) return thrown;
    const { failures, openMs } = this.#config.breaker;
    const message = `${this.#resourceId} has failed ${failures} times in a row and is left alone for ${openMs} ms`;
    return new BottleError(Code.UNAVAILABLE, 'breaker-open', message);
  }
}

/** Whoever is listening listens on; nobody waits for somebody to stop. */
function streamsFull(resourceId: string, streams: number): BottleError {
  const message = `${resourceId} has ${streams} streams open, as many as \`bulkhead.streams\` allows`;
  return new BottleError(Code.RESOURCE_EXHAUSTED, 'streams-full', message);
}

/** What a retry may help against: the resource did not answer, or not as a resource. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof BottleError)) return !(error instanceof BrokenCircuitError);
  return error.code === Code.UNAVAILABLE || error.reason === 'resource-timeout';
}

/** What the breaker counts: the same, but for one connection of several that broke. If all do, the next call tells. */
function isOutage(error: unknown): boolean {
  return isTransient(error) && !(error instanceof BottleError && error.reason === 'connection-lost');
}

/** The driver says that nothing has reached the resource: sending it again cannot do it twice. */
function wasNotSent(error: unknown): boolean {
  return error instanceof BottleError && error.details['started'] === false;
}
