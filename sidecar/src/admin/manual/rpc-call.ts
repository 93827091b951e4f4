import {
  BottleError,
  Code,
  decodeRpcEnd,
  frameMessage,
  type FunctionInfo,
  fromWireError,
  readFrames,
  type RpcTrigger__Output,
  toJson,
} from '@bottle/protos';
import type { ProtoMethod } from '@bottle/protos/proto-files';
import { z } from 'zod';
import { collect } from '../../event-invocation.ts';
import type { ByteStream, Outcome, UnreadBody } from '../../layer.ts';
import {
  assertFlags,
  badEvent,
  type Given,
  type ManualCall,
  type ManualExample,
  type Pair,
  wholeBody,
} from './manual-call.ts';
import { jsonOf, parseMembers } from './parse-given.ts';

/** The media type of a stream of messages: a JSON text in each line. A last one with `$error` says why it ended early. */
const MESSAGE_LINES = 'application/vnd.bottle.messages+ndjson';

/** What gRPC methods have to do with besides their function. */
export interface RpcSurroundings {
  /** The method with its codecs. */
  methodOf(trigger: RpcTrigger__Output): Promise<ProtoMethod>;
  /** What a function learns of a call. Throws for metadata that gRPC does not have. */
  attributesOf(trigger: RpcTrigger__Output, metadata: readonly Pair[]): string[];
  /** Largest message either way, in bytes. */
  maxMessageBytes: number;
}

const members = z
  .strictObject({
    metadata: z.record(z.string(), z.string()).default({}),
    message: z.unknown().optional(),
    messages: z.array(z.unknown()).optional(),
  })
  .refine(({ message, messages }) => message === undefined || messages === undefined, 'either message or messages');

/** A call of the trigger's method, with its message or messages as JSON. What it answers is JSON as well. */
export async function rpcCall(
  { name }: FunctionInfo,
  trigger: RpcTrigger__Output,
  given: Given,
  surroundings: RpcSurroundings,
): Promise<ManualCall> {
  assertFlags(given, 'rpc', ['headers']);
  const method = await surroundings.methodOf(trigger);
  const { metadata, message, messages } = parseMembers(members, 'rpc', given.members ?? dataOf(given, trigger));
  if (messages !== undefined && !trigger.requestStream)
    throw badEvent(`${trigger.method} takes one message: "message", not "messages"`);
  const sent = (messages ?? [message ?? {}]).map((each) => encoded(method, each));
  const inEvent = Object.entries(metadata).map(([entry, value]): Pair => [entry.toLowerCase(), value]);
  const all = [...inEvent.filter(([entry]) => !given.headers.some(([other]) => other === entry)), ...given.headers];
  return {
    target: {
      kind: 'event',
      function: name,
      contentType: 'application/protobuf',
      trigger: 'TRIGGER_KIND_RPC',
      attributes: attributesFor(trigger, all, surroundings),
    },
    body: trigger.requestStream ? uploadOf(sent) : wholeBody(sent[0] ?? Buffer.alloc(0)),
    traceparent: all.find(([entry]) => entry === 'traceparent')?.[1],
    baggage: all.find(([entry]) => entry === 'baggage')?.[1],
    answer: (outcome) => answerOf(outcome, method, surroundings.maxMessageBytes),
  };
}

/** With all fields of the message. */
export async function rpcExample(
  trigger: RpcTrigger__Output,
  { methodOf }: RpcSurroundings,
  as: string | undefined,
): Promise<ManualExample> {
  const { service, method, requestStream } = trigger;
  const message = plain((await methodOf(trigger)).request.decode(new Uint8Array()));
  const content = requestStream ? { messages: [message, message] } : { message };
  return {
    event: { $event: as ?? `rpc:${service}/${method}`, metadata: {}, ...content },
    flags: [],
    byFlags: [
      ...(as === undefined ? [] : ['--as', as]),
      '--data',
      toJson(requestStream ? [message, message] : message) ?? '',
    ],
  };
}

/** A method that takes a stream gets each item of a list. */
function dataOf(given: Given, { requestStream }: RpcTrigger__Output): object {
  const data = jsonOf(given);
  if (data === undefined) return {};
  return requestStream && Array.isArray(data) ? { messages: data } : { message: data };
}

function encoded({ request }: ProtoMethod, message: unknown): Buffer {
  try {
    return Buffer.from(request.encode(message));
  } catch (error) {
    throw badEvent(`the data is no message of the method: ${(error as Error).message}`);
  }
}

function attributesFor(
  trigger: RpcTrigger__Output,
  metadata: readonly Pair[],
  { attributesOf }: RpcSurroundings,
): string[] {
  let attributes: string[];
  try {
    attributes = attributesOf(trigger, metadata);
  } catch (error) {
    throw badEvent(`--header: ${(error as Error).message}`);
  }
  const unseen = metadata.find(([name]) => !attributes.includes(`metadata.${name}`));
  if (unseen) throw badEvent(`--header: functions never see ${unseen[0]}`);
  return attributes;
}

function uploadOf(messages: readonly Buffer[]): UnreadBody {
  async function* frames(): AsyncGenerator<Uint8Array> {
    for (const message of messages) yield frameMessage(message);
  }
  return { read: () => ({ kind: 'stream', stream: frames() }), abandon: () => {} };
}

async function answerOf({ response, stream }: Outcome, method: ProtoMethod, maxBytes: number): Promise<Outcome> {
  if (response.error) throw fromWireError(response.error);
  if (!method.responseStream) {
    const bytes = stream ? await collect(stream, maxBytes) : response.body;
    return withBody(response, 'application/json', Buffer.from(jsonLine(method, bytes)));
  }
  const chunks = linesOf(stream?.chunks ?? once(response.body), method, maxBytes);
  return { ...withBody(response, MESSAGE_LINES, Buffer.alloc(0)), stream: { chunks, cancel: () => stream?.cancel() } };
}

function withBody(response: Outcome['response'], contentType: string, body: Buffer): Outcome {
  return { response: { ...response, value: { contentType }, body } };
}

async function* linesOf(body: ByteStream, method: ProtoMethod, maxBytes: number): AsyncGenerator<Uint8Array> {
  try {
    for await (const { isEnd, bytes } of readFrames(body, maxBytes)) {
      if (!isEnd) yield Buffer.from(`${jsonLine(method, bytes)}\n`);
      else {
        const { error } = decodeRpcEnd(bytes);
        if (error) throw fromWireError(error);
        return;
      }
    }
    throw new BottleError(Code.UNAVAILABLE, 'connection-lost', 'the stream of messages was cut off');
  } catch (thrown) {
    const { code, reason, message } = BottleError.from(thrown);
    yield Buffer.from(`${JSON.stringify({ $error: { code, reason, detail: message } })}\n`);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function jsonLine({ response }: ProtoMethod, bytes: Uint8Array): string {
  return toJson(plain(response.decode(bytes))) ?? 'null';
}

/** Bytes as base64, as messages take them in JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
