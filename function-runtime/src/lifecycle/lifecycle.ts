// Invariants of the lifecycle (each was a defect somewhere else once):
//  1. Each hook of a stage runs once, however many of its neighbours throw.
//  2. Hooks run in the order of registration, those of Close in reverse.
//  3. A hook has a time limit; passing it is an error of that hook.
import { setTimeout as delay } from 'node:timers/promises';
import {
  BottleError,
  Code,
  type FaaSContext,
  type HealthCheck,
  type LayerEngine,
  type LifecycleHooks,
  type RuntimeInfo,
} from 'bottle-sdk';

/** Longest a hook of RuntimeStart, FunctionStart or Close may take. Those of Invoke have the invocation's deadline. */
const HOOK_TIMEOUT_MS = 10_000;

type HookName = keyof LifecycleHooks;

export class Lifecycle {
  #extensions: LifecycleHooks[] = [];
  #contextExtensions: ((ctx: FaaSContext) => object)[] = [];
  #healthChecks: HealthCheck[] = [];
  readonly #hookTimeoutMs: number;

  constructor(hookTimeoutMs: number = HOOK_TIMEOUT_MS) {
    this.#hookTimeoutMs = hookTimeoutMs;
  }

  /** Forgets all hooks: a start that failed is tried again from the beginning. */
  reset(): void {
    this.#extensions = [];
    this.#contextExtensions = [];
    this.#healthChecks = [];
  }

  /** What layers get. */
  get engine(): LayerEngine {
    return {
      addRuntimeExtension: (hooks) => void this.#extensions.push(hooks),
      addContextExtension: (extend) => void this.#contextExtensions.push(extend),
      addHealthExtension: (check) => void this.#healthChecks.push(check),
    };
  }

  /** Runs the hooks of a start; the first that throws ends it. */
  async runStart(name: 'beforeRuntimeStart' | 'afterRuntimeStart', runtime: RuntimeInfo): Promise<void> {
    for (const hooks of this.#extensions) await this.#timed(name, hooks[name]?.(runtime));
  }

  async runFunctionStart(
    name: 'beforeFunctionStart' | 'afterFunctionStart',
    runtime: RuntimeInfo,
    functionName: string,
  ): Promise<void> {
    for (const hooks of this.#extensions) await this.#timed(name, hooks[name]?.(runtime, functionName));
  }

  /** All of them run (invariant 1); what they threw is returned for the log. */
  async runClose(name: 'beforeClose' | 'afterClose', runtime: RuntimeInfo): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const hooks of this.#extensions.toReversed()) {
      try {
        await this.#timed(name, hooks[name]?.(runtime));
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }

  /** Whether an invocation has anything to run besides its function. */
  get touchesInvocations(): boolean {
    return (
      this.#contextExtensions.length > 0 || this.#extensions.some((hooks) => hooks.beforeInvoke ?? hooks.afterInvoke)
    );
  }

  extendContext(ctx: FaaSContext): void {
    for (const extend of this.#contextExtensions) {
      Object.defineProperties(ctx, Object.getOwnPropertyDescriptors(extend(ctx)));
    }
  }

  async runBeforeInvoke(ctx: FaaSContext): Promise<void> {
    for (const hooks of this.#extensions) await hooks.beforeInvoke?.(ctx);
  }

  /** All of them run (invariant 1); the first error is thrown afterwards. */
  async runAfterInvoke(ctx: FaaSContext, error: unknown): Promise<void> {
    const errors: unknown[] = [];
    for (const hooks of this.#extensions) {
      try {
        await hooks.afterInvoke?.(ctx, error);
      } catch (thrown) {
        errors.push(thrown);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  get healthChecks(): readonly HealthCheck[] {
    return this.#healthChecks;
  }

  async #timed<Result>(name: HookName, running: Promise<Result> | Result): Promise<Result> {
    if (!(running instanceof Promise)) return running;
    const timer = new AbortController();
    const timeout = delay(this.#hookTimeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new BottleError(
        Code.DEADLINE_EXCEEDED,
        'hook-timeout',
        `a ${name} hook took more than ${this.#hookTimeoutMs} ms`,
      );
    });
    try {
      return await Promise.race([running, timeout]);
    } finally {
      timer.abort();
      timeout.catch(() => {}); // the abort; a real timeout has been thrown above
    }
  }
}
