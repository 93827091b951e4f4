export { createFakeBottle, type FakeBottle } from './fake-bottle.ts';
export type {
  FakeContextOptions,
  FakeGatewayContextOptions,
  FakeRpcContext,
  FakeRpcContextOptions,
} from './fake-contexts.ts';
export type { FakeCloudEventOptions, FakeMessage, FakeMessageOptions, FakeTickOptions } from './fake-events.ts';
export type { FakeHttpContext, FakeHttpContextOptions } from './fake-http-context.ts';
export type { FakeFunction, FakeResourcesOptions } from './fake-resources.ts';
export type { RecordedCall } from './fake-scope.ts';
export type { FaultTarget } from './faults.ts';
