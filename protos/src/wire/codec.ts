import type { MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import type { Batch, Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Cancel, Cancel__Output } from '../generated/bottle/v1/Cancel.ts';
import type { Error as WireError, Error__Output } from '../generated/bottle/v1/Error.ts';
import type { Frame, Frame__Output } from '../generated/bottle/v1/Frame.ts';
import type { HttpRequest, HttpRequest__Output } from '../generated/bottle/v1/HttpRequest.ts';
import type { HttpResponse__Output } from '../generated/bottle/v1/HttpResponse.ts';
import type { Over, Over__Output } from '../generated/bottle/v1/Over.ts';
import type { Request, Request__Output } from '../generated/bottle/v1/Request.ts';
import type { Response, Response__Output } from '../generated/bottle/v1/Response.ts';
import type { Started, Started__Output } from '../generated/bottle/v1/Started.ts';
import type { Taken, Taken__Output } from '../generated/bottle/v1/Taken.ts';
import type { StreamFrame, StreamFrame__Output } from '../generated/bottle/v1/StreamFrame.ts';
import { TriggerKind } from '../generated/bottle/v1/TriggerKind.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const NO_BYTES = Buffer.alloc(0);
/** Shared: most responses have no entries. Never added to. */
const NO_ENTRIES: string[] = [];
const TRIGGER_KINDS = Object.values(TriggerKind);
const TRIGGER_NUMBERS = new Map<unknown, number>(TRIGGER_KINDS.map((kind, number) => [kind, number]));

/** Encodes and decodes one message type. Decoded bytes are views of the message they came in. */
export interface Codec<Input, Output> {
  encode(message: Input): Buffer;
  decode(bytes: Buffer): Output;
}

export interface Codecs {
  batch: Codec<Batch, Batch__Output>;
  request: Codec<Request, Request__Output>;
  response: Codec<Response, Response__Output>;
  streamFrame: Codec<StreamFrame, StreamFrame__Output>;
  /** For servers: grpc-js copies a response before it returns from the write, so chunks are encoded in place. */
  streamResponse: Codec<StreamFrame, StreamFrame__Output>;
  /** For the trailer of a call that failed. */
  error: Codec<WireError, Error__Output>;
}

/**
 * Codecs for the messages of the request path, byte-compatible with the .proto files (a test holds them against
 * protobufjs). Session frames, which are rare, go through proto-loader's own codec.
 */
export function createCodecs(definition: PackageDefinition): Codecs {
  const writer = new WireWriter();
  const frames = definition['bottle.v1.Frame'] as MessageTypeDefinition<Frame, Frame__Output>;
  const codec = <Input, Output>(
    write: (writer: WireWriter, message: Input) => void,
    read: (reader: WireReader) => Output,
  ): Codec<Input, Output> => ({
    encode(message) {
      write(writer, message);
      return writer.finish();
    },
    decode: (bytes) => read(new WireReader(bytes)),
  });

  function writeBatch(out: WireWriter, batch: Batch): void {
    for (const frame of batch.frames ?? []) {
      if (isSessionFrame(frame)) {
        out.bytes(1, frames.serialize(frame));
        continue;
      }
      const start = out.beginMessage(1);
      out.uint32(1, frame.id ?? 0);
      if (frame.request) writeNested(out, 2, frame.request, writeRequest);
      else if (frame.response) writeNested(out, 3, frame.response, writeResponse);
      else if (frame.cancel) writeNested(out, 4, frame.cancel, writeCancel);
      else if (frame.started) writeNested(out, 9, frame.started, writeStarted);
      else if (frame.over) writeNested(out, 10, frame.over, writeOver);
      else if (frame.taken) writeNested(out, 13, frame.taken, writeTaken);
      out.endMessage(start);
    }
  }

  function readBatch(reader: WireReader): Batch__Output {
    const read: Frame__Output[] = [];
    while (reader.next()) {
      if (reader.field === 1) read.push(readFrame(reader.bytes()));
      else reader.skip();
    }
    return { frames: read };
  }

  function readFrame(bytes: Buffer): Frame__Output {
    const reader = new WireReader(bytes);
    const frame: Frame__Output = { id: 0 };
    while (reader.next()) {
      if (reader.field === 1) frame.id = reader.uint32();
      else if (reader.field === 2) frame.request = readRequest(reader.message());
      else if (reader.field === 3) frame.response = readResponse(reader.message());
      else if (reader.field === 4) frame.cancel = readCancel(reader.message());
      else if (reader.field === 9) frame.started = readStarted(reader.message());
      else if (reader.field === 10) frame.over = readOver(reader.message());
      else if (reader.field === 13) frame.taken = readTaken(reader.message());
      else if (reader.field <= 12) return frames.deserialize(bytes);
      else reader.skip();
    }
    if (frame.request) frame.kind = 'request';
    else if (frame.response) frame.kind = 'response';
    else if (frame.cancel) frame.kind = 'cancel';
    else if (frame.started) frame.kind = 'started';
    else if (frame.over) frame.kind = 'over';
    else if (frame.taken) frame.kind = 'taken';
    return frame;
  }

  const scratch = createScratch();
  const streamHead = codec(writeStreamFrame, readStreamFrame);
  return {
    batch: codec(writeBatch, readBatch),
    request: codec(writeRequest, readRequest),
    error: codec(writeError, readError),
    response: codec(writeResponse, readResponse),
    streamFrame: {
      encode: (frame) =>
        frame.chunk ? encodeChunk(asBytes(frame.chunk), Buffer.allocUnsafe) : streamHead.encode(frame),
      decode: streamHead.decode,
    },
    streamResponse: {
      encode: (frame) => (frame.chunk ? encodeChunk(asBytes(frame.chunk), scratch) : streamHead.encode(frame)),
      decode: streamHead.decode,
    },
  };
}

function isSessionFrame(frame: Frame): boolean {
  return Boolean(frame.hello ?? frame.welcome ?? frame.table ?? frame.goodbye ?? frame.count ?? frame.counts);
}

function writeNested<T>(out: WireWriter, field: number, message: T, write: (out: WireWriter, message: T) => void) {
  const start = out.beginMessage(field);
  write(out, message);
  out.endMessage(start);
}

function writeRequest(out: WireWriter, request: Request): void {
  out.string(1, request.target ?? '');
  out.string(2, request.invocationId ?? '');
  out.uint32(3, request.timeoutMs ?? 0);
  out.uint32(4, TRIGGER_NUMBERS.get(request.trigger) ?? 0);
  if (request.http) writeNested(out, 5, request.http, writeHttpRequest);
  out.string(6, request.contentType ?? '');
  out.string(7, request.traceparent ?? '');
  out.string(8, request.baggage ?? '');
  out.string(9, request.caller ?? '');
  for (const item of request.attributes ?? []) out.stringItem(10, item);
  out.uint32(11, request.places ?? 0);
  writeBody(out, request.body);
}

function readRequest(reader: WireReader): Request__Output {
  const request: Request__Output = {
    target: '',
    invocationId: '',
    timeoutMs: 0,
    trigger: 'TRIGGER_KIND_UNSPECIFIED',
    http: null,
    contentType: '',
    traceparent: '',
    baggage: '',
    caller: '',
    attributes: [],
    places: 0,
    body: NO_BYTES,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        request.target = reader.string();
        break;
      case 2:
        request.invocationId = reader.string();
        break;
      case 3:
        request.timeoutMs = reader.uint32();
        break;
      case 4:
        request.trigger = TRIGGER_KINDS[reader.uint32()] ?? 'TRIGGER_KIND_UNSPECIFIED';
        break;
      case 5:
        request.http = new HttpRequestView(reader.bytes());
        break;
      case 6:
        request.contentType = reader.string();
        break;
      case 7:
        request.traceparent = reader.string();
        break;
      case 8:
        request.baggage = reader.string();
        break;
      case 9:
        request.caller = reader.string();
        break;
      case 10:
        request.attributes.push(reader.string());
        break;
      case 11:
        request.places = reader.uint32();
        break;
      case 15:
        request.body = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
  return request;
}

function writeHttpRequest(out: WireWriter, http: HttpRequest): void {
  out.string(1, http.method ?? '');
  out.string(2, http.url ?? '');
  for (const item of http.params ?? []) out.stringItem(3, item);
  for (const item of http.headers ?? []) out.stringItem(4, item);
  out.string(5, http.remoteAddress ?? '');
  out.string(6, http.route ?? '');
}

/** The head of an HTTP request, parsed when somebody looks: most functions never read their headers. */
class HttpRequestView implements HttpRequest__Output {
  readonly #bytes: Buffer;
  #method: string | undefined;
  #parsed: HttpRequest__Output | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The platform asks for it whenever there is a result: it is read alone, where it stands first. */
  get method(): string {
    this.#method ??= this.#parsed?.method ?? firstMethodIn(this.#bytes) ?? this.#parse().method;
    return this.#method;
  }
  get url(): string {
    return this.#parse().url;
  }
  get params(): string[] {
    return this.#parse().params;
  }
  get headers(): string[] {
    return this.#parse().headers;
  }
  get remoteAddress(): string {
    return this.#parse().remoteAddress;
  }
  get route(): string {
    return this.#parse().route;
  }

  #parse(): HttpRequest__Output {
    this.#parsed ??= readHttpRequest(new WireReader(this.#bytes));
    return this.#parsed;
  }
}

function firstMethodIn(bytes: Buffer): string | undefined {
  const reader = new WireReader(bytes);
  return reader.next() && reader.field === 1 ? reader.string() : undefined;
}

function readHttpRequest(reader: WireReader): HttpRequest__Output {
  const http: HttpRequest__Output = { method: '', url: '', params: [], headers: [], remoteAddress: '', route: '' };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        http.method = reader.string();
        break;
      case 2:
        http.url = reader.string();
        break;
      case 3:
        http.params.push(reader.string());
        break;
      case 4:
        http.headers.push(reader.string());
        break;
      case 5:
        http.remoteAddress = reader.string();
        break;
      case 6:
        http.route = reader.string();
        break;
      default:
        reader.skip();
    }
  }
  return http;
}

function writeResponse(out: WireWriter, response: Response): void {
  if (response.http) {
    const start = out.beginMessage(1);
    out.uint32(1, response.http.status ?? 0);
    for (const item of response.http.headers ?? []) out.stringItem(2, item);
    out.endMessage(start);
  } else if (response.value) {
    const start = out.beginMessage(2);
    out.string(1, response.value.contentType ?? '');
    out.endMessage(start);
  } else if (response.error) {
    writeNested(out, 3, response.error, writeError);
  }
  out.bool(4, response.streamed ?? false);
  out.string(5, response.ticket ?? '');
  if (response.metadata) for (const item of response.metadata) out.stringItem(6, item);
  if (response.trailer) for (const item of response.trailer) out.stringItem(7, item);
  out.bool(8, response.unfinished ?? false);
  writeBody(out, response.body);
}

function readResponse(reader: WireReader): Response__Output {
  const response: Response__Output = {
    streamed: false,
    ticket: '',
    metadata: NO_ENTRIES,
    trailer: NO_ENTRIES,
    unfinished: false,
    body: NO_BYTES,
  };
  while (reader.next()) {
    if (reader.field === 1) {
      response.http = readHttpResponse(reader.message());
      response.outcome = 'http';
    } else if (reader.field === 2) {
      response.value = readValue(reader.message());
      response.outcome = 'value';
    } else if (reader.field === 3) {
      response.error = readError(reader.message());
      response.outcome = 'error';
    } else if (reader.field === 4) response.streamed = reader.bool();
    else if (reader.field === 5) response.ticket = reader.string();
    else if (reader.field === 6) response.metadata = [...response.metadata, reader.string()];
    else if (reader.field === 7) response.trailer = [...response.trailer, reader.string()];
    else if (reader.field === 8) response.unfinished = reader.bool();
    else if (reader.field === 15) response.body = reader.bytes();
    else reader.skip();
  }
  return response;
}

function readHttpResponse(reader: WireReader): HttpResponse__Output {
  const http: HttpResponse__Output = { status: 0, headers: [] };
  while (reader.next()) {
    if (reader.field === 1) http.status = reader.uint32();
    else if (reader.field === 2) http.headers.push(reader.string());
    else reader.skip();
  }
  return http;
}

function readValue(reader: WireReader): { contentType: string } {
  const value = { contentType: '' };
  while (reader.next()) {
    if (reader.field === 1) value.contentType = reader.string();
    else reader.skip();
  }
  return value;
}

/** For messages of other codecs that carry an error. */
export function readError(reader: WireReader): Error__Output {
  const error: Error__Output = { code: 0, reason: '', message: '', detailsJson: '', httpStatus: 0, reportJson: '' };
  while (reader.next()) {
    if (reader.field === 1) error.code = reader.uint32();
    else if (reader.field === 2) error.reason = reader.string();
    else if (reader.field === 3) error.message = reader.string();
    else if (reader.field === 4) error.detailsJson = reader.string();
    else if (reader.field === 5) error.httpStatus = reader.uint32();
    else if (reader.field === 6) error.reportJson = reader.string();
    else reader.skip();
  }
  return error;
}

/** For messages of other codecs that carry an error. */
export function writeError(out: WireWriter, error: WireError): void {
  out.uint32(1, error.code ?? 0);
  out.string(2, error.reason ?? '');
  out.string(3, error.message ?? '');
  out.string(4, error.detailsJson ?? '');
  out.uint32(5, error.httpStatus ?? 0);
  out.string(6, error.reportJson ?? '');
}

function writeCancel(out: WireWriter, cancel: Cancel): void {
  out.string(1, cancel.reason ?? '');
  out.string(2, cancel.invocationId ?? '');
}

function readCancel(reader: WireReader): Cancel__Output {
  const cancel = { reason: '', invocationId: '' };
  while (reader.next()) {
    if (reader.field === 1) cancel.reason = reader.string();
    else if (reader.field === 2) cancel.invocationId = reader.string();
    else reader.skip();
  }
  return cancel;
}

function writeStarted(out: WireWriter, started: Started): void {
  if (started.ids) out.uint32Items(1, started.ids);
  for (const item of started.invocationIds ?? []) out.stringItem(2, item);
}

function readStarted(reader: WireReader): Started__Output {
  const started: Started__Output = { ids: [], invocationIds: [] };
  while (reader.next()) {
    if (reader.field === 1) reader.uint32Items(started.ids);
    else if (reader.field === 2) started.invocationIds.push(reader.string());
    else reader.skip();
  }
  return started;
}

function writeOver(out: WireWriter, over: Over): void {
  out.string(1, over.invocationId ?? '');
}

function readOver(reader: WireReader): Over__Output {
  const over = { invocationId: '' };
  while (reader.next()) {
    if (reader.field === 1) over.invocationId = reader.string();
    else reader.skip();
  }
  return over;
}

function writeTaken(out: WireWriter, { invocationId = '', bytes = 0 }: Taken): void {
  out.string(1, invocationId);
  out.uint32(2, bytes);
}

function readTaken(reader: WireReader): Taken__Output {
  const taken = { invocationId: '', bytes: 0 };
  while (reader.next()) {
    if (reader.field === 1) taken.invocationId = reader.string();
    else if (reader.field === 2) taken.bytes = reader.uint32();
    else reader.skip();
  }
  return taken;
}

function writeStreamFrame(out: WireWriter, frame: StreamFrame): void {
  if (frame.request) writeNested(out, 1, frame.request, writeRequest);
  else if (frame.attach) out.string(2, frame.attach);
  else if (frame.response) writeNested(out, 3, frame.response, writeResponse);
  else if (frame.end) out.bool(5, true);
  out.bool(6, frame.marksEnd ?? false);
  out.bool(7, frame.saysTaken ?? false);
}

/** Field 4 of StreamFrame in one copy: this is where the gigabytes pass. `allocate` gives the memory. */
function encodeChunk(chunk: Uint8Array, allocate: (bytes: number) => Buffer): Buffer {
  const frame = allocate(chunk.length + 5);
  frame[0] = (4 << 3) | 2;
  frame[1] = (chunk.length & 0x7f) | 0x80;
  frame[2] = ((chunk.length >>> 7) & 0x7f) | 0x80;
  frame[3] = ((chunk.length >>> 14) & 0x7f) | 0x80;
  frame[4] = (chunk.length >>> 21) & 0x7f;
  frame.set(chunk, 5);
  return frame;
}

/** Memory that is used again at each call. */
function createScratch(): (bytes: number) => Buffer {
  let scratch = Buffer.alloc(0);
  return (bytes) => {
    if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes);
    return scratch.subarray(0, bytes);
  };
}

function readStreamFrame(reader: WireReader): StreamFrame__Output {
  const frame: StreamFrame__Output = { marksEnd: false, saysTaken: false };
  while (reader.next()) {
    if (reader.field === 1) {
      frame.request = readRequest(reader.message());
      frame.kind = 'request';
    } else if (reader.field === 2) {
      frame.attach = reader.string();
      frame.kind = 'attach';
    } else if (reader.field === 3) {
      frame.response = readResponse(reader.message());
      frame.kind = 'response';
    } else if (reader.field === 4) {
      frame.chunk = reader.bytes();
      frame.kind = 'chunk';
    } else if (reader.field === 5) {
      frame.end = reader.bool();
      frame.kind = 'end';
    } else if (reader.field === 6) frame.marksEnd = reader.bool();
    else if (reader.field === 7) frame.saysTaken = reader.bool();
    else reader.skip();
  }
  return frame;
}

function writeBody(out: WireWriter, body: Buffer | Uint8Array | string | undefined): void {
  if (body !== undefined) out.bytes(15, asBytes(body));
}

function asBytes(body: Buffer | Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
