// Loading, as everybody sees it: initialising → ready, or failed with a reason → tried again with backoff → ready.
import { setTimeout as delay } from 'node:timers/promises';
import {
  BottleError,
  Code,
  type ErrorReport,
  type FunctionState__Output,
  type FunctionTable__Output,
  type HttpRequest__Output,
  type RpcTrigger__Output,
} from '@bottle/protos';
import type { ProtoMethod } from '@bottle/protos/proto-files';
import type { FaaSLogger, RuntimeInfo } from 'bottle-sdk';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { FunctionSpec, Manifest } from '../manifest/manifest.ts';
import type { RpcSpec } from '../manifest/resolve-triggers.ts';
import type { RpcMethods } from '../rpc/load-rpc.ts';
import { type Handler, loadHandler } from './load-handler.ts';

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;

export interface ReadyFunction {
  spec: FunctionSpec;
  handler: Handler;
  env: Readonly<Record<string, string | undefined>>;
  /** Whether the matched route wants its body as a stream. */
  streamsBody(http: HttpRequest__Output | null): boolean;
  /** The gRPC methods of the project, by "shop.v1.Stock/Reserve". */
  rpc: ReadonlyMap<string, ProtoMethod>;
}

interface Entry {
  spec: FunctionSpec;
  state: FunctionState__Output;
  reason: string;
  /** What it failed with. */
  error?: unknown;
  /** Of what it failed with, while somebody develops. */
  report?: ErrorReport | undefined;
  ready: ReadyFunction | undefined;
}

export interface FunctionRegistryOptions {
  manifest: Manifest;
  projectDir: string;
  lifecycle: Lifecycle;
  runtime: RuntimeInfo;
  env: Readonly<Record<string, string | undefined>>;
  logger: FaaSLogger;
  /** What developers get to see of an error; undefined: nothing. */
  explain?: ((error: unknown) => ErrorReport) | undefined;
  /** What a reason may say, of what it says. @default all */
  mask?: (text: string) => string;
  /** A function changed its state. */
  onChange(): void;
}

export class FunctionRegistry {
  readonly #options: FunctionRegistryOptions;
  readonly #entries: Map<string, Entry>;
  readonly #stopping = new AbortController();

  constructor(options: FunctionRegistryOptions) {
    this.#options = options;
    const entryOf = (spec: FunctionSpec): [string, Entry] => [
      spec.name,
      { spec, state: 'FUNCTION_STATE_INITIALISING', reason: '', ready: undefined },
    ];
    this.#entries = new Map(options.manifest.functions.map(entryOf));
  }

  /** The function, or why it cannot be called. */
  find(name: string): ReadyFunction | BottleError {
    const entry = this.#entries.get(name);
    if (!entry) return new BottleError(Code.NOT_FOUND, 'no-function', `there is no function "${name}"`);
    if (entry.ready) return entry.ready;
    const why = entry.reason === '' ? 'is still initialising' : `failed to initialise: ${entry.reason}`;
    return new BottleError(Code.UNAVAILABLE, 'init-failed', `${name} ${why}`, { report: entry.report });
  }

  /** Its places; 1 for a function that there is not. */
  concurrencyOf(name: string): number {
    return this.#entries.get(name)?.spec.concurrency ?? 1;
  }

  table(): FunctionTable__Output {
    const { service, rpc, cors, layers } = this.#options.manifest;
    const functions = [...this.#entries.values()].map(({ spec, state, reason, report }) => ({
      name: spec.name,
      handler: spec.handler,
      state,
      stateReason: reason,
      stateReportJson: report ? JSON.stringify(report) : '',
      timeoutMs: spec.timeoutMs,
      concurrency: spec.concurrency,
      idempotent: spec.idempotent,
      http: [...spec.triggers.http],
      mq: [...spec.triggers.mq],
      timers: [...spec.triggers.timers],
      rpc: spec.triggers.rpc.map((trigger) => rpcTrigger(trigger, rpc)),
      cloudEvents: [...spec.triggers.cloudEvents],
      gateway: [...spec.triggers.gateway],
      uses: [...(spec.uses ?? [])],
      usesDeclared: spec.uses !== undefined,
    }));
    const layerUses = layers.flatMap(({ uses }) => uses);
    return { service, functions, descriptors: Buffer.from(rpc.descriptors), cors, layerUses };
  }

  /** Functions that failed so far, with their reasons. */
  get failures(): { name: string; reason: string; error: unknown }[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.state === 'FUNCTION_STATE_FAILED')
      .map(({ spec, reason, error }) => ({ name: spec.name, reason, error }));
  }

  /** One attempt at every function, side by side. */
  async loadAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#load(entry, 1)));
  }

  /** Tries those that failed again, with backoff, until they load or the registry is closed. */
  retryFailures(): void {
    for (const entry of this.#entries.values()) if (!entry.ready) void this.#retry(entry);
  }

  /** The runtime itself could not start: every function has failed with that. */
  failAll(error: unknown): void {
    for (const entry of this.#entries.values()) this.#fail(entry, error);
  }

  close(): void {
    this.#stopping.abort();
  }

  async #retry(entry: Entry): Promise<void> {
    for (let attempt = 2; !entry.ready; attempt++) {
      const backoffMs = Math.min(BACKOFF_MIN_MS * 2 ** (attempt - 2), BACKOFF_MAX_MS) * (0.75 + Math.random() / 2);
      const stopped = await delay(backoffMs, false, { signal: this.#stopping.signal }).catch(() => true);
      if (stopped) return;
      await this.#load(entry, attempt);
    }
  }

  async #load(entry: Entry, attempt: number): Promise<void> {
    const { lifecycle, runtime, projectDir, env, logger } = this.#options;
    const { spec } = entry;
    try {
      const handler = await withTimeout(spec.initTimeoutMs, async () => {
        await lifecycle.runFunctionStart('beforeFunctionStart', runtime, spec.name);
        const loaded = await loadHandler(projectDir, spec.handler, attempt);
        await lifecycle.runFunctionStart('afterFunctionStart', runtime, spec.name);
        return loaded;
      });
      const streaming = new Set(spec.triggers.http.filter((route) => route.stream).map((route) => route.path));
      entry.ready = {
        spec,
        handler,
        env: Object.freeze({ ...env, ...spec.environment }),
        streamsBody: (http) => http !== null && streaming.has(http.route),
        rpc: this.#options.manifest.rpc.methods,
      };
      this.#set(entry, 'FUNCTION_STATE_READY');
    } catch (error) {
      logger.error({ err: error, function: spec.name, attempt }, 'function failed to initialise');
      this.#fail(entry, error);
    }
  }

  #fail(entry: Entry, error: unknown): void {
    this.#set(entry, 'FUNCTION_STATE_FAILED', reasonOf(error, this.#options.mask), this.#options.explain?.(error));
    entry.error = error;
  }

  #set(entry: Entry, state: FunctionState__Output, reason = '', report?: ErrorReport): void {
    entry.state = state;
    entry.reason = reason;
    entry.error = undefined;
    entry.report = report;
    this.#options.onChange();
  }
}

function rpcTrigger({ service, method, idempotency }: RpcSpec, { methods }: RpcMethods): RpcTrigger__Output {
  const { requestStream = false, responseStream = false } = methods.get(`${service}/${method}`) ?? {};
  return { service, method, requestStream, responseStream, idempotency };
}

/** One line: it is shown to operators and in 503 answers. */
function reasonOf(error: unknown, mask: (text: string) => string = (text) => text): string {
  const text =
    error instanceof Error ? `${error.name === 'BottleError' ? '' : `${error.name}: `}${error.message}` : String(error);
  return mask(text).split('\n')[0]?.slice(0, 300) ?? '';
}

async function withTimeout<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new BottleError(Code.DEADLINE_EXCEEDED, 'init-timeout', `initialising took more than ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work(), timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => {}); // the abort; a real timeout has been thrown above
  }
}
