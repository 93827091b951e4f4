import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FaaSContext, FaaSGatewayContext, FaaSHttpContext } from './context.ts';
import type { CloudEvent } from './triggers/cloud-event.ts';
import type { MqMessage } from './triggers/mq-message.ts';
import type { TimerTick } from './triggers/timer-tick.ts';
import { validateInput } from './triggers/validate-input.ts';

/** What the function container calls. */
export type FunctionHandler<Context, Event, Result> = (ctx: Context, event: Event) => Promise<Result> | Result;

/** A function for HTTP routes: `event` is the decoded request body. */
export type HttpFunction<Event = unknown, Result = unknown> = FunctionHandler<FaaSHttpContext, Event, Result>;

/** A function that is invoked with an event: by another function, the CLI or the admin port. */
export type EventFunction<Event = unknown, Result = unknown> = FunctionHandler<FaaSContext, Event, Result>;

/** Validates the payload with any Standard Schema validator. What it refuses is answered with 400, or a dead letter. */
export interface InputOptions<Schema extends StandardSchemaV1> {
  input: Schema;
}

type Output<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/** `define(handler)`, or `define({ input: schema }, handler)`. `Wrapped` is what the event is, given its payload. */
interface Definer<Context> {
  <Payload = unknown, Result = unknown>(
    handler: FunctionHandler<Context, Payload, Result>,
  ): FunctionHandler<Context, Payload, Result>;
  <Schema extends StandardSchemaV1, Result = unknown>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<Context, Output<Schema>, Result>,
  ): FunctionHandler<Context, StandardSchemaV1.InferInput<Schema>, Result>;
}

interface MqDefiner {
  <Value = unknown>(
    handler: FunctionHandler<FaaSContext, MqMessage<Value>, unknown>,
  ): FunctionHandler<FaaSContext, MqMessage<Value>, unknown>;
  <Schema extends StandardSchemaV1>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<FaaSContext, MqMessage<Output<Schema>>, unknown>,
  ): FunctionHandler<FaaSContext, MqMessage, unknown>;
}

interface MqBatchDefiner {
  <Value = unknown>(
    handler: FunctionHandler<FaaSContext, readonly MqMessage<Value>[], unknown>,
  ): FunctionHandler<FaaSContext, readonly MqMessage<Value>[], unknown>;
  <Schema extends StandardSchemaV1>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<FaaSContext, readonly MqMessage<Output<Schema>>[], unknown>,
  ): FunctionHandler<FaaSContext, readonly MqMessage[], unknown>;
}

interface TimerDefiner {
  <Payload = unknown, Result = unknown>(
    handler: FunctionHandler<FaaSContext, TimerTick<Payload>, Result>,
  ): FunctionHandler<FaaSContext, TimerTick<Payload>, Result>;
  <Schema extends StandardSchemaV1, Result = unknown>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<FaaSContext, TimerTick<Output<Schema>>, Result>,
  ): FunctionHandler<FaaSContext, TimerTick, Result>;
}

interface CloudEventDefiner {
  <Data = unknown, Result = unknown>(
    handler: FunctionHandler<FaaSContext, CloudEvent<Data>, Result>,
  ): FunctionHandler<FaaSContext, CloudEvent<Data>, Result>;
  <Schema extends StandardSchemaV1, Result = unknown>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<FaaSContext, CloudEvent<Output<Schema>>, Result>,
  ): FunctionHandler<FaaSContext, CloudEvent, Result>;
}

/** Types a function by its trigger. Without `input` it is returned unchanged. */
export interface DefineFunction {
  /** `event` is the decoded request body. */
  http: Definer<FaaSHttpContext>;
  /** `event` is what the caller passed: another function, `bottle invoke`, the admin port. */
  event: Definer<FaaSContext>;
  /** `event` is one message of a queue. */
  mq: MqDefiner;
  /** `event` is a list of messages, for triggers with `batch`. Messages that `input` refuses fail by themselves. */
  mqBatch: MqBatchDefiner;
  /** `event` is a tick of a schedule; `input` validates its payload. */
  timer: TimerDefiner;
  /** `event` is the request message of a gRPC method. */
  rpc: Definer<FaaSContext>;
  /** `event` is a CloudEvent; `input` validates its data. */
  cloudEvent: CloudEventDefiner;
  /** `event` is the data of a request of the signed gateway. */
  gateway: Definer<FaaSGatewayContext>;
}

type AnyHandler = FunctionHandler<unknown, unknown, unknown>;
/** Applies a schema to the payload inside an event. */
type ValidateEvent = (schema: StandardSchemaV1, event: unknown) => Promise<unknown>;

function definer(validateEvent: ValidateEvent) {
  return (first: AnyHandler | InputOptions<StandardSchemaV1>, second?: AnyHandler): AnyHandler => {
    if (typeof first === 'function') return first;
    if (typeof second !== 'function') throw new TypeError('defineFunction needs a handler');
    return async (ctx, event) => second(ctx, await validateEvent(first.input, event));
  };
}

/** The same event with another value of one property. */
function withProperty<Event extends object>(event: Event, name: keyof Event, value: unknown): Event {
  return Object.create(event, { [name]: { value, enumerable: true } }) as Event;
}

const payloadItself = definer(validateInput);
const valueOfMessage = definer(async (schema, event) => {
  const message = event as MqMessage;
  return withProperty(message, 'value', await validateInput(schema, message.value));
});
const valuesOfMessages = definer(async (schema, event) => {
  const valid: MqMessage[] = [];
  for (const message of event as readonly MqMessage[]) {
    try {
      valid.push(withProperty(message, 'value', await validateInput(schema, message.value)));
    } catch (error) {
      message.fail(error);
    }
  }
  return valid;
});
const payloadOfTick = definer(async (schema, event) => {
  const tick = event as TimerTick;
  return { ...tick, payload: await validateInput(schema, tick.payload) };
});
const dataOfCloudEvent = definer(async (schema, event) => {
  const cloudEvent = event as CloudEvent;
  return { ...cloudEvent, data: await validateInput(schema, cloudEvent.data) };
});

export const defineFunction: DefineFunction = {
  http: payloadItself as Definer<FaaSHttpContext>,
  event: payloadItself as Definer<FaaSContext>,
  mq: valueOfMessage as MqDefiner,
  mqBatch: valuesOfMessages as MqBatchDefiner,
  timer: payloadOfTick as TimerDefiner,
  rpc: payloadItself as Definer<FaaSContext>,
  cloudEvent: dataOfCloudEvent as CloudEventDefiner,
  gateway: payloadItself as Definer<FaaSGatewayContext>,
};
