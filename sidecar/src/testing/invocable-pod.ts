import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionTable__Output, Response__Output } from '@bottle/protos';
import { describeRoot, findMethod, findService, loadProtoFiles, type MessageCodec } from '@bottle/protos/proto-files';
import { parseGiven } from '../admin/manual/parse-given.ts';
import { WaitingRoom } from '../admission/waiting-room.ts';
import { createInvokeAdmin } from '../create-invoke-admin.ts';
import { problemOf } from '../problem.ts';
import type { Invocation, Outcome } from '../layer.ts';
import { FunctionTables } from '../route/function-tables.ts';

const STOCK = `syntax = "proto3"; package shop.v1;
  service Stock { rpc Reserve(Item) returns (Item); rpc Watch(Item) returns (stream Item); rpc Load(stream Item) returns (Item); }
  message Item { string item_id = 1; int64 left = 2; bytes mark = 3; }`;

const route = (path: string, methods: string[] = [], more: object = {}) => ({
  path,
  methods,
  host: '',
  timeoutMs: 0,
  stream: false,
  idempotency: null,
  cors: null,
  ...more,
});
const rpc = (method: string, requestStream = false, responseStream = false) => ({
  service: 'shop.v1.Stock',
  method,
  requestStream,
  responseStream,
  idempotency: null,
});
const order = { resource: 'default', topic: 'orders', group: 's.bill', batch: 0 };
const filters = { path: '/events', types: ['order.*'], sources: ['/shops/*'], subjects: [], topic: '', group: '' };
/** What starts the functions of the pod. */
export const TRIGGERS: Readonly<Record<string, object>> = {
  getItem: { http: [route('/items/:id', ['GET'])] },
  newItem: { http: [route('/items/new', ['POST'])] },
  item: { http: [route('/things', ['GET', 'POST']), route('/things/:id', ['GET'])] },
  own: { http: [route('/own/:year?', ['GET', 'POST'])] },
  hosted: { http: [route('/hosted/:l(de|fr)', [], { host: '*.example.com' })] },
  upload: { http: [route('/upload', ['POST'], { stream: true })] },
  kept: { http: [route('/kept', ['POST'], { idempotency: { key: 'header.x-key + cookie.c + body.a.b' } })] },
  bill: { mq: [order] },
  bills: { mq: [{ ...order, batch: 2 }] },
  report: { timers: [{ name: 'nightly', payloadJson: '{"days":1}' }] },
  paid: { cloudEvents: [filters] },
  audit: { cloudEvents: [{ ...filters, path: '', types: [], sources: [], topic: 'events', group: 'g' }] },
  add: { gateway: [{ api: 'shop.add', version: '2.0', session: 'required' }] },
  look: { gateway: [{ api: 'shop.look', version: '1.0', session: 'none' }] },
  reserve: { rpc: [rpc('Reserve')] },
  watch: { rpc: [rpc('Watch', false, true)] },
  load: { rpc: [rpc('Load', true)] },
  plain: {},
};

function loadStock(): ReturnType<typeof loadProtoFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'bottle-invoke-'));
  const file = join(folder, 'stock.proto');
  writeFileSync(file, STOCK);
  const root = loadProtoFiles([file], [folder]);
  rmSync(folder, { recursive: true });
  return root;
}

/** The codec of `shop.v1.Item`. */
export function itemCodec(): MessageCodec {
  const service = findService(loadStock(), 'shop.v1.Stock');
  const method = service && findMethod(service, 'Reserve');
  if (!method) throw new Error('no method');
  return method.request;
}

/** A pod whose functions answer what `respond` says; it has what they were called with. */
export function podWith(respond: (invocation: Invocation) => Outcome = () => answerOf({})) {
  const tables = new FunctionTables();
  const carried: Invocation[] = [];
  const waitingRoom = new WaitingRoom({ maxWaiting: 1, maxWaitMs: 10_000 });
  const admin = createInvokeAdmin({
    tables,
    waitingRoom,
    nextId: () => '0'.repeat(32),
    maxMessageBytes: 1_000,
    missing: () => 'the function container is not there',
    problemOf,
    carry: async (invocation, onOutcome) => {
      carried.push(invocation);
      await onOutcome(respond(invocation));
    },
  });
  const descriptors = describeRoot(loadStock(), () => 'stock.proto');
  const learn = (): void => {
    const none = { http: [], mq: [], timers: [], rpc: [], cloudEvents: [], gateway: [], timeoutMs: 1_000 };
    const functions = Object.entries(TRIGGERS).map(([name, triggers]) => ({ name, ...none, ...triggers }));
    tables.apply({ service: 's', functions, descriptors, cors: null } as unknown as FunctionTable__Output);
    waitingRoom.notify();
  };
  /** As `bottle invoke` asks: a text for data goes as it is. */
  async function invoke(name: string, query: Record<string, string | string[]> = {}, data?: unknown) {
    const isWhole = typeof data === 'object' && data !== null && '$event' in data;
    const given = parseGiven({
      query,
      contentType: isWhole ? 'application/vnd.bottle.event+json' : 'application/json',
      body: data === undefined ? undefined : Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
    });
    let outcome: Outcome | undefined;
    await admin.invoke({ function: name, given, callerTimeoutMs: undefined }, async (each) => {
      outcome = each;
    });
    const [invocation] = carried.splice(0);
    if (!invocation || !outcome) throw new Error('nothing was carried');
    return { ...(await callOf(invocation)), outcome };
  }
  return { admin, carried, learn, invoke, waitingRoom };
}

/** One that knows its functions. */
export const known = (respond?: (invocation: Invocation) => Outcome) => {
  const pod = podWith(respond);
  pod.learn();
  return pod;
};

/** An outcome of a function; with chunks, one that streams. */
export function answerOf(response: Partial<Response__Output>, ...chunks: Buffer[]): Outcome {
  const whole = { body: Buffer.alloc(0), metadata: [], trailer: [], streamed: false, ...response } as Response__Output;
  if (chunks.length === 0) return { response: whole };
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return { response: whole, stream: { chunks: stream(), cancel: () => {} } };
}

async function callOf({ target, body, traceparent }: Invocation) {
  const read = await body.read(100, 1_000);
  const chunks: Uint8Array[] = read.kind === 'bytes' ? [read.bytes] : [];
  if (read.kind === 'stream') for await (const chunk of read.stream) chunks.push(chunk);
  return { target, traceparent, bytes: Buffer.concat(chunks), kind: read.kind };
}

export function attributesOf(target: Invocation['target']): Record<string, string> {
  const list = target.kind === 'event' ? (target.attributes ?? []) : [];
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}

export async function textOf({ stream, response }: Outcome): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream?.chunks ?? []) chunks.push(chunk);
  return Buffer.concat([...chunks, response.body]).toString();
}
