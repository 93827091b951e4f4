import type { FaaSContext, FaaSHttpContext } from './context.ts';

/** A function for HTTP routes: `event` is the decoded request body. */
export type HttpFunction<Event = unknown, Result = unknown> = (
  ctx: FaaSHttpContext,
  event: Event,
) => Promise<Result> | Result;

/** A function that is invoked with an event: by another function, the CLI or the admin port. */
export type EventFunction<Event = unknown, Result = unknown> = (
  ctx: FaaSContext,
  event: Event,
) => Promise<Result> | Result;

/** Types a function by its trigger; returns it unchanged. */
export const defineFunction: {
  http<Event = unknown, Result = unknown>(handler: HttpFunction<Event, Result>): HttpFunction<Event, Result>;
  event<Event = unknown, Result = unknown>(handler: EventFunction<Event, Result>): EventFunction<Event, Result>;
} = {
  http: (handler) => handler,
  event: (handler) => handler,
};
