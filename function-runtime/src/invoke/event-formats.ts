import type { BottleError, Request__Output, TriggerKind } from '@bottle/protos';
import type { ReadyFunction } from '../load/function-registry.ts';
import { CLOUD_EVENT_FORMAT } from './cloud-event-format.ts';
import type { EncodedResult } from './encode-result.ts';
import { createMessageFormat } from './message-format.ts';
import { timerFormat } from './timer-format.ts';

/** What a result belongs to. */
interface ResultOrigin {
  request: Request__Output;
  /** The error as it may leave. */
  masked(error: BottleError): BottleError;
}

/** What the events of one kind of trigger look like to a function, and what becomes of its results. */
export interface EventFormat {
  /** Throws BottleError for bytes that are no such event. */
  decode(request: Request__Output, target: ReadyFunction): unknown;
  /** Whether there is nothing for the function to do. */
  isOver?(event: unknown): boolean;
  /** Without it, a result is encoded like that of a direct invocation. */
  encode?(result: unknown, event: unknown, origin: ResultOrigin): EncodedResult;
}

/** HTTP and direct invocations have none: their body is the event. gRPC methods have a way of their own, in `rpc/`. */
export const EVENT_FORMATS: Readonly<Partial<Record<TriggerKind, EventFormat>>> = {
  TRIGGER_KIND_MQ: createMessageFormat(),
  TRIGGER_KIND_TIMER: timerFormat,

  TRIGGER_KIND_CLOUDEVENT: CLOUD_EVENT_FORMAT,
};
