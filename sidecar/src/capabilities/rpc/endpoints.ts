// The addresses of a service, each with a channel of its own, and client-side balancing over those that are connected.
import { lookup } from 'node:dns/promises';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { BottleError, Code } from '@bottle/protos';
import type { Logger } from 'pino';
import { Endpoint } from './endpoint.ts';

/** How often a name is resolved again: new pods are found within it. */
const RESOLVE_MS = 3_000;
/** Least pause between resolutions that failures ask for. */
const RESOLVE_AGAIN_MS = 500;
/** Longest wait for a connection that is being made. */
const CONNECT_WAIT_MS = 2_000;

/** What grpc-js sends again by itself are calls that the server has refused unread; policies from DNS it does not ask for. */
const OPTIONS: ChannelOptions = {
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

export interface EndpointsOptions {
  /** "rpc.stock", for messages. */
  id: string;
  addresses?: readonly string[] | undefined;
  /** "stock.shop.svc:9090" */
  dns?: string | undefined;
  credentials: ChannelCredentials;
  channelOptions: ChannelOptions;
  log: Pick<Logger, 'warn' | 'info'>;
  /** All addresses of a name. @default the system's resolver */
  resolve?: (host: string) => Promise<readonly string[]>;
}

export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #all = new Map<string, Endpoint>();
  #ready: Endpoint[] = [];
  #next = 0;
  readonly #waiting = new Set<() => void>();
  #resolving: Promise<void> | undefined;
  #resolvedAt = Number.NEGATIVE_INFINITY;
  #resolveError: string | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.#replace(options.addresses ?? []);
    if (options.dns === undefined) return;
    this.#timer = setInterval(() => void this.#resolve(), RESOLVE_MS).unref();
    void this.#resolve();
  }

  /** Why no call can be made now; undefined while one of the addresses is connected. */
  get problem(): string | undefined {
    if (this.#ready.length > 0) return undefined;
    const { dns } = this.#options;
    if (this.#all.size > 0) return `none of ${this.#all.size} addresses is connected`;
    return `${dns ?? 'the service'} has no address: ${this.#resolveError ?? 'not resolved yet'}`;
  }

  /**
   * A connected address, each in turn. Waits a moment for a connection that is being made. Throws UNAVAILABLE when there
   * is none; nothing was sent then (`details.started` is false).
   */
  async pick(signal: AbortSignal): Promise<Endpoint> {
    const deadline = performance.now() + CONNECT_WAIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const endpoint = this.#ready[this.#next++ % this.#ready.length];
      if (endpoint) return endpoint;
      this.#next = 0;
      const leftMs = deadline - performance.now();
      if (!this.#isConnecting() || leftMs <= 0) throw this.#notConnected();
      await this.#change(signal, leftMs);
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#replace([]);
  }

  #isConnecting(): boolean {
    if (this.#all.size === 0) return this.#resolving !== undefined && this.#resolveError === undefined;
    return [...this.#all.values()].some(({ hasFailed }) => !hasFailed);
  }

  #notConnected(): BottleError {
    const message = `${this.#options.id} cannot be reached: ${this.problem}`;
    return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details: { started: false } });
  }

  /** Settles when any address changes its state, after the time, or when nobody waits any more. */
  async #change(signal: AbortSignal, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await promise;
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  readonly #onChange = (): void => {
    const before = this.#ready.length;
    this.#ready = [...this.#all.values()].filter(({ isReady }) => isReady);
    if (this.#ready.length < before) this.#resolveSoon();
    const { id, log } = this.#options;
    if (before > 0 && this.#ready.length === 0 && !this.#closed) log.warn({ resource: id }, 'no address is connected');
    if (before === 0 && this.#ready.length > 0) log.info({ resource: id }, 'an address is connected');
    for (const wake of this.#waiting) wake();
  };

  /** A pod may have been replaced: its name knows by whom. */
  #resolveSoon(): void {
    if (this.#options.dns === undefined || this.#closed) return;
    const pauseMs = Math.max(0, this.#resolvedAt + RESOLVE_AGAIN_MS - performance.now());
    setTimeout(() => void this.#resolve(), pauseMs).unref();
  }

  #resolve(): Promise<void> {
    this.#resolving ??= this.#resolveNow().finally(() => {
      this.#resolving = undefined;
      this.#resolvedAt = performance.now();
      this.#onChange();
    });
    return this.#resolving;
  }

  /** What was known stays known while the name cannot be resolved. */
  async #resolveNow(): Promise<void> {
    const { dns = '', resolve = resolveAll } = this.#options;
    const at = dns.lastIndexOf(':');
    const [host, port] = [dns.slice(0, at).replace(/^\[|\]$/g, ''), dns.slice(at + 1)];
    try {
      const found = await resolve(host);
      this.#resolveError = undefined;
      if (!this.#closed) this.#replace(found.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`));
    } catch (error) {
      this.#resolveError = (error as { code?: string }).code ?? (error as Error).name;
    }
  }

  #replace(addresses: readonly string[]): void {
    const wanted = new Set(addresses);
    for (const [address, endpoint] of this.#all) {
      if (wanted.has(address)) continue;
      this.#all.delete(address);
      endpoint.close();
    }
    const { credentials, channelOptions } = this.#options;
    for (const address of wanted) {
      if (this.#all.has(address)) continue;
      const options = { ...OPTIONS, ...channelOptions };
      this.#all.set(address, new Endpoint(address, credentials, options, this.#onChange));
    }
    this.#onChange();
  }
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
