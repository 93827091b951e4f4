import { type CircuitBreakerPolicy, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import type { PolicyConfig } from '../resources-config.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Targets of one resource that may be in trouble at the same time. Beyond, the one that was first is tried again. */
const MAX_TROUBLED = 1_024;

/**
 * The circuit breakers of a resource, one for each of its targets: a function that fails says nothing about the others. A
 * target that does well needs none, for a success would tell it nothing.
 */
export class Breakers {
  readonly #config: PolicyConfig['breaker'];
  readonly #isFailure: (error: unknown) => boolean;
  readonly #troubled = new Map<string, CircuitBreakerPolicy>();
  /** When each breaker that is open may try a call again, on the clock of performance.now(). */
  readonly #openUntil = new WeakMap<CircuitBreakerPolicy, number>();

  constructor(config: PolicyConfig['breaker'], isFailure: (error: unknown) => boolean) {
    this.#config = config;
    this.#isFailure = isFailure;
  }

  /** The worst of all targets. Open: calls are refused; half open: the next one will tell. */
  get state(): BreakerState {
    const states = new Set([...this.#troubled.values()].map((breaker) => this.#stateOf(breaker)));
    if (states.has('open')) return 'open';
    return states.has('half-open') ? 'half-open' : 'closed';
  }

  /** cockatiel's is open until somebody calls, be it for hours. */
  #stateOf(breaker: CircuitBreakerPolicy): BreakerState {
    if (breaker.state === CircuitState.Closed) return 'closed';
    const isOver = performance.now() >= (this.#openUntil.get(breaker) ?? 0);
    return breaker.state === CircuitState.Open && !isOver ? 'open' : 'half-open';
  }

  /** Nothing has failed since the target last answered. */
  isUntroubled(target: string): boolean {
    return !this.#troubled.has(target);
  }

  /** Throws cockatiel's BrokenCircuitError while the target is left alone. */
  async execute<Result>(target: string, attempt: () => Promise<Result>): Promise<Result> {
    const breaker = this.#breakerOf(target);
    const result = await breaker.execute(attempt);
    if (breaker.state === CircuitState.Closed && this.#troubled.get(target) === breaker) this.#troubled.delete(target);
    return result;
  }

  #breakerOf(target: string): CircuitBreakerPolicy {
    const known = this.#troubled.get(target);
    if (known) return known;
    const [oldest] = this.#troubled.keys();
    if (oldest !== undefined && this.#troubled.size >= MAX_TROUBLED) this.#troubled.delete(oldest);
    const { failures, openMs } = this.#config;
    const fresh = circuitBreaker(handleWhen(this.#isFailure), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: openMs,
    });
    fresh.onBreak(() => this.#openUntil.set(fresh, performance.now() + openMs));
    this.#troubled.set(target, fresh);
    return fresh;
  }
}
