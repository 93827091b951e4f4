import { AsyncLocalStorage } from 'node:async_hooks';

/** One call through the sidecar. */
export interface ScopedCall {
  /** `<capability>.<operation>/<resource>` */
  target: string;
  body: Buffer;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** What follows an invocation through every await: the runtime provides it, the SDK's clients use it. */
export interface InvocationScope {
  readonly invocationId: string;
  call(call: ScopedCall): Promise<Buffer>;
}

const storage = new AsyncLocalStorage<InvocationScope>();

/** The invocation whose code runs; undefined outside one. */
export function currentScope(): InvocationScope | undefined {
  return storage.getStore();
}

/** Runs code as part of an invocation. For runtimes. */
export function runInScope<Result>(scope: InvocationScope, code: () => Result): Result {
  return storage.run(scope, code);
}
