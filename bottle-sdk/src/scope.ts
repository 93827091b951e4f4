import { AsyncLocalStorage } from 'node:async_hooks';
import { CallError, Code, type MessageStream } from '@bottle/protos';
import { type Duration, toMs } from './duration.ts';

/** One call through the sidecar: one message, one answer. */
export interface ScopedCall {
  /** `<capability>.<method>/<resource>` */
  target: string;
  /** The same as a gRPC method and its resource: "/bottle.v1.Cache/Execute", "cache.sessions". */
  path: string;
  resource: string;
  body: Buffer;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
}

/** A call through the sidecar with messages either way. */
export interface ScopedStream {
  /** "/bottle.v1.Cache/Subscribe" */
  path: string;
  /** "cache.sessions" */
  resource: string;
  signal?: AbortSignal | undefined;
  /** Of the whole stream. */
  timeoutMs?: number | undefined;
}

export interface ScopeOptions {
  /** Longest that all of it may take. @default 30 seconds */
  timeout?: Duration;
  /** Gives up whatever is under way. */
  signal?: AbortSignal;
}

/** What ends with a scope. */
export interface ScopeAttachment {
  /** The scope takes no calls any more; its code may still run. */
  onClose(error: Error): void;
  /** Nothing of it runs any more. */
  onOver(): void;
}

/** What bottle calls belong to. The runtime provides it, the SDK's clients use it. */
export interface BottleScope {
  call(call: ScopedCall): Promise<Buffer>;
  open(stream: ScopedStream): MessageStream;
  /** The function that calls; undefined or empty outside an invocation. */
  readonly caller?: string;
  /** The function is none that awaits: it may have returned long before a call of it fails. @default false */
  readonly isPlain?: boolean;
  /** Ends something with the scope; returns what detaches it. */
  attach(attachment: ScopeAttachment): () => void;
  /** A scope within this one. */
  derive(options: { timeoutMs: number; signal: AbortSignal | undefined }): BottleScope & Disposable;
  /** What lives as long as the process, whatever becomes of the scope: local caches, watches. */
  readonly process: ProcessScope;
}

/** The scope of the function container itself. It lends its calls only to scopes derived from it. */
export interface ProcessScope extends BottleScope {
  /** Absolute path of the project, where there is one. */
  readonly projectDir?: string | undefined;
  /** From now on no log of the process shows this. */
  hide?(secret: Uint8Array): void;
  /** A value that cannot be read was left out: it is counted and logged. */
  leftOut?(value: { resource: string; key: string }): void;
  /** One value for each key, made when it is first asked for. */
  shared<Value>(key: string, create: () => Value): Value;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const storage = new AsyncLocalStorage<BottleScope>();

/** The invocation (or explicit scope) whose code runs. Throws outside of one. */
export function currentScope(): BottleScope {
  const scope = storage.getStore();
  if (scope) return scope;
  const message =
    'bottle calls belong to an invocation; there is none here: withScope(…) opens a scope, in a test fake.run(…)';
  throw new CallError(Code.FAILED_PRECONDITION, 'no-invocation', message);
}

/** The same, or undefined. */
export function findScope(): BottleScope | undefined {
  return storage.getStore();
}

/** Runs code as part of an invocation. For runtimes. */
export function runInScope<Result>(scope: BottleScope, code: () => Result): Result {
  return storage.run(scope, code);
}

/**
 * Runs code whose bottle calls have a deadline of their own: init code, which belongs to no invocation, or a part of an
 * invocation that shall take less time. What is still under way when it returns is given up.
 */
export async function withScope<Result>(options: ScopeOptions, code: () => Promise<Result>): Promise<Result> {
  const timeoutMs = options.timeout === undefined ? DEFAULT_TIMEOUT_MS : toMs(options.timeout);
  using scope = currentScope().derive({ timeoutMs, signal: options.signal });
  return await storage.run(scope, code);
}
