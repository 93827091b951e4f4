// A client of e2e/functions/rpc that has nothing of ours: grpc-js with proto-loader.
import { fileURLToPath } from 'node:url';
import {
  Client,
  type ClientReadableStream,
  credentials,
  type ChannelCredentials,
  Metadata,
  type ServiceError,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

const PROTOS = fileURLToPath(new URL('../../functions/rpc/protos', import.meta.url));
const OPTIONS = { keepCase: false, longs: String, enums: String, bytes: Buffer, defaults: true, oneofs: true };
const DEFINITION = loadSync('depot.proto', { ...OPTIONS, includeDirs: [PROTOS] })['depot.v1.Depot'] as Readonly<
  Record<string, MethodDefinition<object, object>>
>;

/** What came of a call, besides its messages. */
export interface Outcome {
  code: number;
  details: string;
  head: Metadata | undefined;
  trailer: Metadata;
}

/** As much of the service’s answers as the tests look at; a message has some of it. */
export interface Answer {
  itemId: string;
  picture: Buffer;
  remainingMs: string;
  metadata: Record<string, string>;
  streams: Record<string, string>;
  [field: string]: unknown;
}

export interface CallOptions {
  metadata?: Record<string, string | Buffer | (string | Buffer)[]>;
  timeoutMs?: number;
}

export class DepotClient {
  readonly client: Client;

  constructor(address: string, given: ChannelCredentials = credentials.createInsecure(), options: object = {}) {
    this.client = new Client(address, given, {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    });
  }

  /** The answer; rejects with grpc-js's ServiceError. */
  async call(method: string, message: object = {}, options: CallOptions = {}): Promise<Answer> {
    return (await this.whole(method, message, options)).answer;
  }

  /** The answer with all metadata. */
  whole(
    method: string,
    message: object,
    options: CallOptions = {},
  ): Promise<{ answer: Answer; head: Metadata | undefined; trailer: Metadata }> {
    const { path, requestSerialize, responseDeserialize } = methodOf(method);
    return new Promise((resolve, reject) => {
      let head: Metadata | undefined;
      let answer: Answer;
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadataOf(options),
        deadlineOf(options),
        (error: ServiceError | null, received) => {
          if (error) reject(error);
          else answer = received as Answer;
        },
      );
      call.on('metadata', (metadata) => (head = metadata));
      call.on('status', ({ code, metadata }: StatusObject) => {
        if (code === status.OK) resolve({ answer, head, trailer: metadata });
      });
    });
  }

  /** A stream that nobody reads yet. */
  open(method: string, message: object, options: CallOptions = {}): ClientReadableStream<object> {
    const { path, requestSerialize, responseDeserialize } = methodOf(method);
    return this.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      metadataOf(options),
      deadlineOf(options),
    );
  }

  /** Every message of a stream, and how it ended; never rejects. */
  all(method: string, message: object, options: CallOptions = {}): Promise<Outcome & { messages: Answer[] }> {
    return outcomeOf(this.open(method, message, options));
  }

  /** Sends several messages; `end: false` leaves the client's side open. */
  exchange(
    method: string,
    messages: readonly object[],
    { end = true, ...options }: CallOptions & { end?: boolean } = {},
  ): Promise<Outcome & { messages: Answer[] }> {
    const { path, requestSerialize, responseDeserialize } = methodOf(method);
    const call = this.client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(options),
      deadlineOf(options),
    );
    for (const message of messages) call.write(message);
    if (end) call.end();
    return outcomeOf(call);
  }

  close(): void {
    this.client.close();
  }
}

function outcomeOf(call: ClientReadableStream<object>): Promise<Outcome & { messages: Answer[] }> {
  return new Promise((resolve) => {
    const messages: Answer[] = [];
    let head: Metadata | undefined;
    call.on('data', (message) => messages.push(message as Answer));
    call.on('metadata', (metadata: Metadata) => (head = metadata));
    call.on('error', () => {});
    call.on('status', ({ code, details, metadata }: StatusObject) =>
      resolve({ messages, code, details, head, trailer: metadata }),
    );
  });
}

function methodOf(name: string): MethodDefinition<object, object> {
  const method = DEFINITION[name];
  if (!method) throw new Error(`depot.proto has no method ${name}`);
  return method;
}

function metadataOf({ metadata: given = {} }: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, values] of Object.entries(given)) for (const value of [values].flat()) metadata.add(name, value);
  return metadata;
}

function deadlineOf({ timeoutMs }: CallOptions): { deadline?: number } {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}
