// How calls of one resource are bounded, repeated and refused. From the outside in: bulkhead → deadline → retry →
// breaker → driver. Subscriptions and the like, which last, have places of their own: they take none from calls.
import { setTimeout as delay } from 'node:timers/promises';
import type { CallFacts } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { BrokenCircuitError } from 'cockatiel';
import type { PolicyConfig } from '../resources-config.ts';
import { Breakers, type BreakerState } from './breakers.ts';
import type { BrokerCall } from './broker-call.ts';
import { Bulkhead } from './bulkhead.ts';
import { Repeats } from './repeats.ts';

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
  readonly #breakers: Breakers;
  readonly #repeats: Repeats;

  constructor(resourceId: string, config: PolicyConfig) {
    this.#resourceId = resourceId;
    this.#config = config;
    this.#bulkhead = new Bulkhead(resourceId, config.bulkhead);
    this.#lasting = new Bulkhead(resourceId, { concurrency: config.bulkhead.streams, queue: 0 });
    this.#breakers = new Breakers(config.breaker, isOutage);
    this.#repeats = new Repeats(config.retry);
  }

  get breakerState(): BreakerState {
    return this.#breakers.state;
  }

  get inFlight(): number {
    return this.#bulkhead.inFlight;
  }

  /** Calls under way that nobody waits for any more: their drivers cannot stop half way. */
  get abandoned(): number {
    return this.#bulkhead.abandoned;
  }

  /** Calls that wait for a place. */
  get waiting(): number {
    return this.#bulkhead.waiting;
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
    const place = bulkhead.tryEnter();
    if (place) return call.within(timeoutMs, work, place);
    const enteredAt = performance.now();
    return bulkhead.enter(call, timeoutMs).then((granted) => {
      const leftMs = Math.max(1, timeoutMs - (performance.now() - enteredAt));
      return call.within(leftMs, work, granted);
    });
  }

  /** A call took too long. While all seemed well the breaker did not look on, so it is told here. */
  readonly #onExpire = (timeout: BottleError, { resource }: BrokerCall): void => {
    if (!this.#breakers.isUntroubled(resource) || !isOutage(timeout)) return;
    this.#breakers.execute(resource, () => Promise.reject(timeout)).catch(() => {}); // it has rejected for its caller already
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
    let place = bulkhead.tryEnter();
    if (!place && isLasting) throw streamsFull(this.#resourceId, limits.streams);
    place ??= await bulkhead.enter(call, timeoutMs);
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
    let served: Promise<void> | undefined;
    try {
      // Only until the first answer: while the breaker tries one call, all others wait for its outcome.
      await this.#once(call, () => {
        served = work(progress);
        return Promise.race([answered.promise, served]);
      });
      await served;
    } catch (thrown) {
      throw this.#explain(thrown, call);
    } finally {
      clearTimeout(timer);
      if (served) served.then(place.leave, place.leave);
      else place.leave();
    }
  }

  /** The first attempt goes straight to the driver while all is well: the breaker and the repeats see only trouble. */
  #tries<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    this.#repeats.begin();
    if (!this.#breakers.isUntroubled(call.resource)) return this.#toItsEnd(facts, call, attempt);
    return attempt().catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      let isFirst = true;
      return this.#toItsEnd(facts, call, () => {
        if (!isFirst) return attempt();
        isFirst = false;
        return Promise.reject(error); // what the attempt above came to
      }).catch((thrown: unknown) => {
        // Others have opened the breaker meanwhile: "left alone" would say that this one was never made.
        throw isFirst && isBreakerOpen(thrown) ? error : thrown;
      });
    });
  }

  /** Does not settle before the attempt that was made last has: the call's place is taken as long as the driver works. */
  async #toItsEnd<Result>(facts: CallFacts, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    let last: Promise<unknown> | undefined;
    const made = (): Promise<Result> => {
      const attempted = attempt();
      last = attempted;
      return attempted;
    };
    try {
      return await this.#guarded(facts.repeatable, call, made);
    } finally {
      await Promise.allSettled([last]);
    }
  }

  async #guarded<Result>(repeatable: boolean, call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      try {
        return await this.#once(call, attempt);
      } catch (thrown) {
        const mayRepeat = isTransient(thrown) && !isOverloaded(thrown) && (repeatable || wasNotSent(thrown));
        const pauseMs = mayRepeat ? this.#repeats.take(count) : undefined;
        if (pauseMs === undefined) throw this.#explain(thrown, call);
        if (!wasNotSent(thrown)) call.mayBeDone = true;
        await delay(pauseMs);
      }
    }
  }

  async #once<Result>(call: BrokerCall, attempt: () => Promise<Result>): Promise<Result> {
    call.throwIfCancelled();
    // A driver that does not even fail must not keep the breaker waiting.
    return await this.#breakers.execute(call.resource, () => call.untilCancelled(attempt));
  }

  #explain(thrown: unknown, { resource }: BrokerCall): unknown {
    if (!(thrown instanceof BrokenCircuitError)) return thrown;
    const { failures, openMs } = this.#config.breaker;
    const [capability = ''] = this.#resourceId.split('.');
    const target = resource === '' ? this.#resourceId : `${capability}.${resource}`;
    const message = `${target} has failed ${failures} times in a row and is left alone for ${openMs} ms`;
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

/** Refusals of the platform itself, here or in another pod, and one connection of several that broke: all the next call tells. */
const NO_OUTAGE: ReadonlySet<string> = new Set([
  'breaker-open',
  'channel-full',
  'connection-lost',
  'init-failed',
  'overloaded',
  'queue-full',
  'repeats-full',
  'runtime-unavailable',
  'shutdown',
]);

/** What the breaker counts: the same, but for what says nothing about the target. */
function isOutage(error: unknown): boolean {
  if (!isTransient(error)) return false;
  if (!(error instanceof BottleError)) return true;
  const wasQueued = error.reason === 'resource-timeout' && error.details['started'] === false;
  return !wasQueued && !NO_OUTAGE.has(error.reason);
}

function isBreakerOpen(error: unknown): boolean {
  return error instanceof BottleError && error.reason === 'breaker-open';
}

/** Functions that have too much to do say when to come again, and that is later than any repeat. */
function isOverloaded(error: unknown): boolean {
  return error instanceof BottleError && error.reason === 'overloaded';
}

/** The driver says that nothing has reached the resource: sending it again cannot do it twice. */
function wasNotSent(error: unknown): boolean {
  return error instanceof BottleError && error.details['started'] === false;
}
