import type { QueueRecord } from '@bottle/capabilities';
import { type Bottle, createBottle } from '../bottle.ts';
import type { FaaSContext, FaaSGatewayContext } from '../context.ts';
import { runInScope } from '../scope.ts';
import {
  fakeContext,
  type FakeContextOptions,
  fakeGatewayContext,
  type FakeGatewayContextOptions,
  type FakeRpcContext,
  fakeRpcContext,
  type FakeRpcContextOptions,
} from './fake-contexts.ts';
import { fakeCloudEvent, fakeMessage, fakeTick } from './fake-events.ts';
import { type FakeHttpContext, fakeHttpContext, type FakeHttpContextOptions } from './fake-http-context.ts';
import { FakeResources, type FakeResourcesOptions } from './fake-resources.ts';
import { FakeScope, type RecordedCall } from './fake-scope.ts';
import { Faults, type FaultTarget } from './faults.ts';
import type { Duration } from '../duration.ts';
import { type BottleError, CallError, Code } from '@bottle/protos';

/** A bottle without any process: what a function is unit-tested with. */
export interface FakeBottle extends AsyncDisposable {
  /** Its clients, for arranging and asserting. Resources are made when they are first named, and empty. */
  readonly bottle: Bottle;
  /** Every call so far, in order. */
  readonly calls: readonly RecordedCall[];
  /** Runs code whose `bottle` (imported from bottle-sdk) is this one. */
  run<Result>(code: () => Promise<Result> | Result): Promise<Result>;
  /** Calls of a resource ("cache.sessions") fail: UNAVAILABLE, unless told otherwise. */
  fail(resource: string, options?: FaultTarget & { error?: BottleError }): void;
  /** Calls of a resource take so much longer. */
  delay(resource: string, by: Duration, options?: FaultTarget): void;
  /** Calls of a resource never answer; they end with their deadline or signal. */
  hang(resource: string, options?: FaultTarget): void;
  /** What was published: the messages in a topic of the `mq` resource "orders", partition by partition. */
  published(resource: string, topic: string): QueueRecord[];
  /** A message for a function of an `mq` trigger. */
  message: typeof fakeMessage;
  /** A tick for a function of a `timer` trigger. */
  tick: typeof fakeTick;
  /** An event for a function of a `cloudevents` trigger. */
  cloudEvent: typeof fakeCloudEvent;
  /** A context whose `ctx.bottle` is this one. */
  context(options?: FakeContextOptions): FaaSContext;
  /** The same for an HTTP request; its `response` shows what the function set. */
  httpContext(options?: FakeHttpContextOptions): FakeHttpContext;
  /** The same for a request of the signed gateway. */
  gatewayContext(options?: FakeGatewayContextOptions): FaaSGatewayContext;
  /** The same for a gRPC call; its `sent` shows what the function set. */
  rpcContext(options?: FakeRpcContextOptions): FakeRpcContext;
  /** No faults any more, and no recorded calls; what was stored stays. */
  reset(): void;
  /** Gives up what is under way and forgets everything. */
  close(): Promise<void>;
}

/** Makes a bottle that serves every capability in this process, by the same contracts and embedded drivers as a sidecar. */
export function createFakeBottle(options: FakeResourcesOptions = {}): FakeBottle {
  const resources = new FakeResources(options);
  const faults = new Faults();
  const calls: RecordedCall[] = [];
  const scope = new FakeScope({ resources, faults, record: (call) => calls.push(call) });
  const close = async (): Promise<void> => {
    scope.close(new CallError(Code.CANCELLED, 'cancelled', 'the fake bottle was closed'));
    await resources.close();
  };
  const bottle = createBottle(() => scope);
  return {
    bottle,
    calls,
    run: async (code) => await runInScope(scope, code),
    fail: (resource, fault) => faults.fail(resource, fault),
    delay: (resource, by, target) => faults.delay(resource, by, target),
    hang: (resource, target) => faults.hang(resource, target),
    published: (resource, topic) => resources.published(resource, topic),
    message: fakeMessage,
    tick: fakeTick,
    cloudEvent: fakeCloudEvent,
    context: (invocation) => fakeContext(bottle, invocation),
    httpContext: (request) => fakeHttpContext(bottle, request),
    gatewayContext: (request) => fakeGatewayContext(bottle, request),
    rpcContext: (call) => fakeRpcContext(bottle, call),
    reset() {
      faults.clear();
      calls.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
