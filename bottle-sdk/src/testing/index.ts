export { createFakeBottle, type FakeBottle } from './fake-bottle.ts';
export type { FakeFunction, FakeResourcesOptions } from './fake-resources.ts';
export type { RecordedCall } from './fake-scope.ts';
export type { FaultTarget } from './faults.ts';
