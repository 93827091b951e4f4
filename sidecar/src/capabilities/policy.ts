// How calls of one resource are bounded, repeated and refused. From the outside in: bulkhead → deadline → retry →
// breaker → driver.
import type { CallFacts } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type RetryPolicy,
  retry,
} from 'cockatiel';
import type { PolicyConfig } from '../resources-config.ts';
import type { BrokerCall } from './broker-call.ts';
import { Bulkhead } from './bulkhead.ts';

/** Repeats that may be saved up, for a burst. */
const MAX_SAVED_REPEATS = 10;

export type BreakerState = 'closed' | 'half-open' | 'open';

export class Policy {
  readonly #config: PolicyConfig;
  readonly #resourceId: string;
  readonly #bulkhead: Bulkhead;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #retry: RetryPolicy;
  /** The breaker is closed and counts no failures: a success would tell it nothing. */
  #untroubled = true;
  #repeats = MAX_SAVED_REPEATS;

  constructor(resourceId: string, config: PolicyConfig) {
    this.#resourceId = resourceId;
    this.#config = config;
    this.#bulkhead = new Bulkhead(resourceId, config.bulkhead);
    this.#breaker = circuitBreaker(handleWhen(isOutage), {
      breaker: new ConsecutiveBreaker(config.breaker.failures),
      halfOpenAfter: config.breaker.openMs,
    });
    this.#retry = retry(
      handleWhen((error) => isOutage(error) && this.#takeRepeat()),
      {
        maxAttempts: config.retry.attempts,
        backoff: new ExponentialBackoff({ initialDelay: config.retry.baseMs, maxDelay: config.timeoutMs }),
      },
    );
  }

  get breakerState(): BreakerState {
    const { state } = this.#breaker;
    if (state === CircuitState.Closed) return 'closed';
    return state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  get inFlight(): number {
    return this.#bulkhead.inFlight;
  }

  /** Runs a call; `attempt` may be called several times when the facts allow it. Throws BottleError. */
  run<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#config;
    const bulkhead = this.#bulkhead;
    const work = (): Promise<Result> => this.#tries(facts, call, attempt);
    if (bulkhead.tryEnter()) return call.within(timeoutMs, work, bulkhead.leave);
    return bulkhead.enter(call).then(() => call.within(timeoutMs, work, bulkhead.leave));
  }

  /**
   * Runs a stream, which is never repeated: breaker, a place of the bulkhead, and a deadline until `onAnswer` is called
   * for the first time. Throws BottleError.
   */
  async stream(call: BrokerCall, work: (onAnswer: () => void) => Promise<void>): Promise<void> {
    const bulkhead = this.#bulkhead;
    if (!bulkhead.tryEnter()) await bulkhead.enter(call);
    const { timeoutMs } = this.#config;
    const timer = setTimeout(() => call.expire(timeoutMs), timeoutMs);
    try {
      await this.#guarded(false, call, () => work(() => clearTimeout(timer)));
    } finally {
      clearTimeout(timer);
      bulkhead.leave();
    }
  }

  /** The first attempt goes straight to the driver while all is well: the breaker and the retry see only trouble. */
  #tries<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    const { attempts, budgetPercent } = this.#config.retry;
    this.#repeats = Math.min(MAX_SAVED_REPEATS, this.#repeats + budgetPercent / 100);
    const repeatable = facts.repeatable && attempts > 0;
    if (!this.#untroubled) return this.#guarded(repeatable, call, attempt);
    return attempt().catch((error: unknown) => {
      if (!isOutage(error)) throw error;
      this.#untroubled = false;
      let first = true;
      return this.#guarded(repeatable, call, () => {
        if (!first) return attempt();
        first = false;
        return Promise.reject(error as Error); // what the attempt above came to
      });
    });
  }

  async #guarded<Result>(repeatable: boolean, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    const guarded = (): Promise<Result> => {
      call.throwIfCancelled();
      return this.#breaker.execute(attempt);
    };
    try {
      const result = await (repeatable ? this.#retry.execute(guarded) : guarded());
      this.#untroubled = this.#breaker.state === CircuitState.Closed;
      return result;
    } catch (thrown) {
      throw this.#explain(thrown);
    }
  }

  /** A token bucket that every call fills by its share. */
  #takeRepeat(): boolean {
    if (this.#repeats < 1) return false;
    this.#repeats -= 1;
    return true;
  }

  #explain(thrown: unknown): unknown {
    if (!(thrown instanceof BrokenCircuitError)) return thrown;
    const { failures, openMs } = this.#config.breaker;
    const message = `${this.#resourceId} has failed ${failures} times in a row and is left alone for ${openMs} ms`;
    return new BottleError(Code.UNAVAILABLE, 'breaker-open', message);
  }
}

/** What a breaker counts and a retry may help against: the resource did not answer, or not as a resource. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof BottleError)) return !(error instanceof BrokenCircuitError);
  return error.code === Code.UNAVAILABLE || error.reason === 'resource-timeout';
}
