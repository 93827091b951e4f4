import { randomBytes } from 'node:crypto';
import type { Bottle } from '../bottle.ts';
import type { FaaSContext, FaaSGatewayContext, FaaSLogger, FaaSRpcContext, RpcValues } from '../context.ts';
import { fromEntries, type GrpcMetadata, toEntries } from '../rpc/grpc-metadata.ts';
import { type Duration, toMs } from '../duration.ts';
import { fakeFormRequest } from './fake-form-request.ts';

/** What a test says of an invocation; everything else is filled in. */
export interface FakeContextOptions {
  /** 32 hex digits. @default random ones */
  requestId?: string;
  /** @default 'test' */
  functionName?: string;
  trigger?: FaaSContext['trigger'];
  /** What the trigger says of the event. */
  attributes?: Readonly<Record<string, string>>;
  /** Aborts what the function does. @default one that never aborts */
  signal?: AbortSignal;
  /** Until the deadline. @default 30 s */
  timeout?: Duration;
  traceparent?: string;
  baggage?: string;
  /** The function that calls. @default '': the outside world */
  caller?: string;
  /** @default one that writes nothing */
  logger?: FaaSLogger;
  /** @default nothing, not even the process's */
  env?: Readonly<Record<string, string | undefined>>;
}

/** The context of an invocation whose `ctx.bottle` is this one. */
export function fakeContext(bottle: Bottle, options: FakeContextOptions = {}): FaaSContext {
  const requestId = options.requestId ?? randomBytes(16).toString('hex');
  return {
    requestId,
    functionName: options.functionName ?? 'test',
    trigger: options.trigger ?? 'event',
    attributes: options.attributes ?? {},
    signal: options.signal ?? new AbortController().signal,
    deadline: Date.now() + toMs(options.timeout ?? '30s'),
    traceparent: options.traceparent ?? `00-${requestId}-${randomBytes(8).toString('hex')}-01`,
    baggage: options.baggage ?? '',
    caller: options.caller ?? '',
    logger: options.logger ?? silentLogger(),
    env: options.env ?? {},
    originContext: undefined,
    originEvent: new Uint8Array(),
    bottle,
  };
}

export interface FakeGatewayContextOptions
  extends Omit<FakeContextOptions, 'trigger'>,
    Partial<FaaSGatewayContext['gateway']> {
  /** What `ctx.request.form()` resolves with. @default the request is no form */
  form?: FormData;
}

/** The context of a request of the signed gateway; nobody is signed in unless `session` says so. */
export function fakeGatewayContext(bottle: Bottle, options: FakeGatewayContextOptions = {}): FaaSGatewayContext {
  const { api = 'test.api', version = '1.0', appKey = 'test-app', device = '', session, form, ...rest } = options;
  const context = fakeContext(bottle, { ...rest, trigger: 'gateway' });
  const request = fakeFormRequest({ form, contentType: 'application/json', body: undefined, signal: context.signal });
  return { ...context, request, gateway: { api, version, appKey, device, session } };
}

export interface FakeRpcContextOptions extends Omit<FakeContextOptions, 'trigger'> {
  /** @default 'test.Service' */
  service?: string;
  /** @default 'Method' */
  method?: string;
  /** @default '127.0.0.1:50000' */
  peer?: string;
  /** What the caller sent. */
  metadata?: GrpcMetadata;
}

/** The context of a gRPC call that remembers what the function adds to its response. */
export interface FakeRpcContext extends FaaSRpcContext {
  readonly sent: {
    readonly metadata: ReadonlyMap<string, RpcValues>;
    readonly trailer: ReadonlyMap<string, RpcValues>;
  };
}

/** The context of a gRPC method's invocation. */
export function fakeRpcContext(bottle: Bottle, options: FakeRpcContextOptions = {}): FakeRpcContext {
  const { service = 'test.Service', method = 'Method', peer = '127.0.0.1:50000', ...rest } = options;
  const metadata = fromEntries(toEntries(options.metadata));
  const sent = { metadata: new Map<string, RpcValues>(), trailer: new Map<string, RpcValues>() };
  return {
    ...fakeContext(bottle, { ...rest, trigger: 'rpc' }),
    sent,
    rpc: {
      service,
      method,
      peer,
      metadata,
      get: (name) => (metadata.get(name.toLowerCase()) ?? []).join(', '),
      setMetadata: (name, values) => void sent.metadata.set(name.toLowerCase(), values),
      setTrailer: (name, values) => void sent.trailer.set(name.toLowerCase(), values),
      sendMetadata: () => {},
    },
  };
}

function silentLogger(): FaaSLogger {
  const nothing = (): void => {};
  return { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
}
