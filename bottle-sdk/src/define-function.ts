import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FaaSContext, FaaSGatewayContext, FaaSHttpContext, FaaSRpcContext } from './context.ts';
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

interface RpcStreamDefiner {
  <Message = unknown, Result = unknown>(
    handler: FunctionHandler<FaaSRpcContext, AsyncIterable<Message>, Result>,
  ): FunctionHandler<FaaSRpcContext, AsyncIterable<Message>, Result>;
  <Schema extends StandardSchemaV1, Result = unknown>(
    options: InputOptions<Schema>,
    handler: FunctionHandler<FaaSRpcContext, AsyncIterable<Output<Schema>>, Result>,
  ): FunctionHandler<FaaSRpcContext, AsyncIterable<StandardSchemaV1.InferInput<Schema>>, Result>;
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
  /** `event` is the request message of a gRPC method. One that answers with a stream returns an iterable of messages. */
  rpc: Definer<FaaSRpcContext>;
  /** `event` is the stream of messages that the client of a gRPC method sends; `input` validates each one. */
  rpcStream: RpcStreamDefiner;
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
    const { input } = first;
    assertSchema(input);
    return async (ctx, event) => second(ctx, await validateEvent(input, event));
  };
}

/** When the file is loaded, not at the first invocation. */
function assertSchema(input: unknown): asserts input is StandardSchemaV1 {
  const standard = (input as Partial<StandardSchemaV1> | undefined)?.['~standard'];
  if (typeof standard?.validate === 'function') return;
  throw new TypeError('defineFunction: `input` is not a Standard Schema (https://standardschema.dev)');
}

/** The same message with another value. */
function withValue(message: MqMessage, value: unknown): MqMessage {
  const { topic, partition, offset, key, keyBytes, bytes, headers, rawHeaders, timestamp, attempt } = message;
  const fail = (error?: unknown): void => message.fail(error);
  return { topic, partition, offset, key, keyBytes, value, bytes, headers, rawHeaders, timestamp, attempt, fail };
}

const payloadItself = definer(validateInput);
const valueOfMessage = definer(async (schema, event) => {
  const message = event as MqMessage;
  return withValue(message, await validateInput(schema, message.value));
});
const payloadOfTick = definer(async (schema, event) => {
  const tick = event as TimerTick;
  return { ...tick, payload: await validateInput(schema, tick.payload) };
});
const dataOfCloudEvent = definer(async (schema, event) => {
  const cloudEvent = event as CloudEvent;
  return { ...cloudEvent, data: await validateInput(schema, cloudEvent.data) };
});

/** Messages that are refused fail by themselves; the function gets the others, and is not called without any. */
function valuesOfMessages(first: AnyHandler | InputOptions<StandardSchemaV1>, second?: AnyHandler): AnyHandler {
  const validate = definer(async (schema, event) => {
    const messages = event as readonly MqMessage[];
    const results = await Promise.allSettled(messages.map(async (message) => validateInput(schema, message.value)));
    return messages.flatMap((message, at) => {
      const result = results[at];
      if (result?.status === 'fulfilled') return withValue(message, result.value);
      message.fail(result?.reason);
      return [];
    });
  });
  if (typeof second !== 'function') return validate(first, second);
  return validate(first, (ctx, valid) => ((valid as MqMessage[]).length > 0 ? second(ctx, valid) : undefined));
}

/** An iterable that validates each message when it is asked for; leaving it leaves the stream. */
async function* validated(schema: StandardSchemaV1, messages: AsyncIterable<unknown>): AsyncGenerator {
  for await (const message of messages) yield await validateInput(schema, message);
}
const messagesOfStream = definer(async (schema, event) => validated(schema, event as AsyncIterable<unknown>));

export const defineFunction: DefineFunction = {
  http: payloadItself as Definer<FaaSHttpContext>,
  event: payloadItself as Definer<FaaSContext>,
  mq: valueOfMessage as MqDefiner,
  mqBatch: valuesOfMessages as MqBatchDefiner,
  timer: payloadOfTick as TimerDefiner,
  rpc: payloadItself as Definer<FaaSRpcContext>,
  rpcStream: messagesOfStream as RpcStreamDefiner,
  cloudEvent: dataOfCloudEvent as CloudEventDefiner,
  gateway: payloadItself as Definer<FaaSGatewayContext>,
};
