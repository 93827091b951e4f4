import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { DEFINITION } from './peers.ts';

interface Note {
  text: string;
}

type Receiving = ClientReadableStream<Note> | ClientDuplexStream<Note, Note>;
type Sending = ClientWritableStream<Note> | ClientDuplexStream<Note, Note>;

const GIVE_UP_MS = 3_000;
const METHODS = DEFINITION as unknown as Record<string, { path: string }>;

/** A client of the functions' gRPC methods that has nothing of ours; answers are lines: `first, INTERNAL`. */
export class EndingsClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  down(text: string, onFirst?: () => void): { seen: Promise<string>; call: Receiving } {
    const { path } = METHODS['Down'] ?? { path: '' };
    const call = this.#client.makeServerStreamRequest<Note, Note>(path, encode, decode, { text });
    return { seen: seenOf(call, onFirst), call };
  }

  /** The messages are sent by the caller. */
  up(): { seen: Promise<string>; call: Sending } {
    const { path } = METHODS['Up'] ?? { path: '' };
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve('hangs'), GIVE_UP_MS);
    const call = this.#client.makeClientStreamRequest<Note, Note>(path, encode, decode, (error, answer) => {
      clearTimeout(timer);
      resolve(error ? (status[error.code] ?? '') : `${answer?.text}, OK`);
    });
    return { seen: promise, call };
  }

  both(onFirst?: () => void): { seen: Promise<string>; call: ClientDuplexStream<Note, Note> } {
    const { path } = METHODS['Both'] ?? { path: '' };
    const call = this.#client.makeBidiStreamRequest<Note, Note>(path, encode, decode);
    return { seen: seenOf(call, onFirst), call };
  }

  close(): void {
    this.#client.close();
  }
}

const codec = DEFINITION['Down'] as unknown as {
  requestSerialize(note: Note): Buffer;
  responseDeserialize(bytes: Buffer): Note;
};
const encode = (note: Note): Buffer => codec.requestSerialize(note);
const decode = (bytes: Buffer): Note => codec.responseDeserialize(bytes);

function seenOf(call: Receiving, onFirst?: () => void): Promise<string> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    const end = (code: string): void => {
      clearTimeout(timer);
      resolve([...texts, code].join(', '));
    };
    const timer = setTimeout(() => end('hangs'), GIVE_UP_MS);
    call.on('data', ({ text }: Note) => {
      texts.push(text);
      if (texts.length === 1) onFirst?.();
    });
    call.on('error', (error: ServiceError) => end(status[error.code] ?? ''));
    call.on('end', () => {});
    call.on('status', ({ code }: { code: number }) => {
      if (code === 0) end('OK');
    });
  });
}
