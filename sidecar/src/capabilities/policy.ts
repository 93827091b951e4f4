// How calls of one resource are bounded, repeated and refused. From the outside in: bulkhead → deadline → retry →
// breaker → driver.
import type { CallFacts } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
} from 'cockatiel';
import type { PolicyConfig } from '../resources-config.ts';
import type { BrokerCall } from './broker-call.ts';

/** Repeats that may be saved up, for a burst. */
const MAX_SAVED_REPEATS = 10;

export type BreakerState = 'closed' | 'half-open' | 'open';

export class Policy {
  readonly #config: PolicyConfig;
  readonly #resourceId: string;
  readonly #bulkhead;
  readonly #breaker;
  readonly #retry;
  #repeats = MAX_SAVED_REPEATS;

  constructor(resourceId: string, config: PolicyConfig) {
    this.#resourceId = resourceId;
    this.#config = config;
    this.#bulkhead = bulkhead(config.bulkhead.concurrency, config.bulkhead.queue);
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
    return this.#config.bulkhead.concurrency - this.#bulkhead.executionSlots;
  }

  /** Runs a call; `attempt` may be called several times when the facts allow it. Throws BottleError. */
  async run<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#bulkhead.execute(() =>
        call.within(this.#config.timeoutMs, () => this.#tries(facts, call, attempt)),
      );
    } catch (thrown) {
      throw this.#explain(thrown);
    }
  }

  /** For streams, which are not repeated and may last: only the breaker has a say. */
  assertClosed(): void {
    if (this.breakerState === 'open') throw this.#explain(new BrokenCircuitError());
  }

  #tries<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    this.#repeats = Math.min(MAX_SAVED_REPEATS, this.#repeats + this.#config.retry.budgetPercent / 100);
    if (!facts.repeatable || this.#config.retry.attempts === 0) return this.#breaker.execute(attempt);
    return this.#retry.execute(() => {
      call.throwIfCancelled();
      return this.#breaker.execute(attempt);
    });
  }

  /** A token bucket that every call fills by its share. */
  #takeRepeat(): boolean {
    if (this.#repeats < 1) return false;
    this.#repeats -= 1;
    return true;
  }

  #explain(thrown: unknown): unknown {
    if (thrown instanceof BulkheadRejectedError) {
      const { concurrency, queue } = this.#config.bulkhead;
      const message = `${concurrency} calls of ${this.#resourceId} are under way and ${queue} wait`;
      return new BottleError(Code.RESOURCE_EXHAUSTED, 'bulkhead-full', message);
    }
    if (thrown instanceof BrokenCircuitError) {
      const message = `${this.#resourceId} has failed ${this.#config.breaker.failures} times in a row and is left alone for ${this.#config.breaker.openMs} ms`;
      return new BottleError(Code.UNAVAILABLE, 'breaker-open', message);
    }
    return thrown;
  }
}

/** What a breaker counts and a retry may help against: the resource did not answer, or not as a resource. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof BottleError)) return !(error instanceof BrokenCircuitError);
  return (
    error.code === Code.UNAVAILABLE || (error.code === Code.DEADLINE_EXCEEDED && error.reason === 'resource-timeout')
  );
}
