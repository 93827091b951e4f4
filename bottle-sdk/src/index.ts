export { BottleError, type BottleErrorOptions, Code } from '@bottle/protos';
export { type Bottle, bottle, createBottle, type InvokeOptions } from './bottle.ts';
export type {
  CookieOptions,
  Cookies,
  FaaSContext,
  FaaSHttpContext,
  FaaSLogger,
  FaaSRequest,
  OneOrMany,
} from './context.ts';
export { defineFunction, type EventFunction, type HttpFunction } from './define-function.ts';
export { defineLayer, type Layer, type LayerEngine, type LifecycleHooks, type RuntimeInfo } from './layer.ts';
export { currentScope, type InvocationScope, runInScope, type ScopedCall } from './scope.ts';
