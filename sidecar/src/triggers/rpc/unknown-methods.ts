import { Metadata, type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { REQUEST_ID } from '../../invocation-ids.ts';

interface Handler {
  type: 'bidi';
  path: string;
  func(call: ServerDuplexStream<Buffer, Buffer>): void;
  serialize(bytes: Buffer): Buffer;
  deserialize(bytes: Buffer): Buffer;
}

/** Where grpc-js 1.14 looks a method up: it has no other way to answer for those that nobody has. */
const LOOKUP = '_retrieveHandler';

interface Methods {
  [LOOKUP](path: string): Handler | null | undefined;
}

/** Answers methods that there are not as grpc-js does, UNIMPLEMENTED, and with an id, as every other call. */
export function answerUnknownMethods(server: Server, nextId: () => string): void {
  const methods = server as unknown as Methods;
  const known = methods[LOOKUP].bind(server);
  const same = (bytes: Buffer): Buffer => bytes;
  methods[LOOKUP] = (path) =>
    known(path) ?? {
      type: 'bidi',
      path,
      serialize: same,
      deserialize: same,
      func(call) {
        const metadata = new Metadata();
        metadata.set(REQUEST_ID, nextId());
        const details = `The server does not implement the method ${path}`;
        call.on('error', () => {}); // it may be cancelled meanwhile
        call.emit('error', Object.assign(new Error(details), { code: status.UNIMPLEMENTED, details, metadata }));
      },
    };
}
