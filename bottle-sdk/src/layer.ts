import type { FaaSContext, FaaSLogger } from './context.ts';

/** What hooks of the process's stages get. */
export interface RuntimeInfo {
  /** The `service` of serverless.yml. */
  readonly service: string;
  /** Absolute path of the project. */
  readonly projectDir: string;
  readonly functions: readonly string[];
  readonly logger: FaaSLogger;
}

/** Hooks of the four stages, each called once per stage, in the order of registration; those of Close in reverse. */
export interface LifecycleHooks {
  /** Before any function is loaded. A hook that throws makes the start fail; it is tried again with backoff. */
  beforeRuntimeStart?(runtime: RuntimeInfo): Promise<void> | void;
  afterRuntimeStart?(runtime: RuntimeInfo): Promise<void> | void;
  /** Around the loading of each function. */
  beforeFunctionStart?(runtime: RuntimeInfo, functionName: string): Promise<void> | void;
  afterFunctionStart?(runtime: RuntimeInfo, functionName: string): Promise<void> | void;
  /** Around each invocation. A hook that throws fails the invocation; the function is then not called. */
  beforeInvoke?(ctx: FaaSContext): Promise<void> | void;
  /** Called whatever came of it; `error` is what the function threw. */
  afterInvoke?(ctx: FaaSContext, error: unknown): Promise<void> | void;
  /** When no invocation is under way any more. */
  beforeClose?(runtime: RuntimeInfo): Promise<void> | void;
  afterClose?(runtime: RuntimeInfo): Promise<void> | void;
}

/** True: well. Throwing is the same as false. The signal aborts when it takes too long. */
export type HealthCheck = (signal: AbortSignal) => Promise<boolean> | boolean;

/** What a layer receives. */
export interface LayerEngine {
  addRuntimeExtension(hooks: LifecycleHooks): void;
  /** Adds properties to every context; called once per invocation, before beforeInvoke. */
  addContextExtension(extend: (ctx: FaaSContext) => object): void;
  /**
   * A health check, without which the pod is not ready. It is asked every 500 ms, counted from its end, and has failed when it
   * throws, says false, or takes longer than 2 s.
   */
  addHealthExtension(check: HealthCheck): void;
}

/** A layer is a function that gets the engine and adds to it. */
export type Layer = (engine: LayerEngine) => Promise<void> | void;

/** Types a layer's function; returns it unchanged. */
export function defineLayer(layer: Layer): Layer {
  return layer;
}
