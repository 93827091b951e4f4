// What the pod's resources lead to: an HTTP upstream and a gRPC service that end their streams in every way.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { loadServiceDefinition } from '@bottle/protos';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const PROTO = fileURLToPath(new URL('../../functions/streams/protos/endings.proto', import.meta.url));
export const DEFINITION = loadServiceDefinition(PROTO, 'endings.v1.Endings', []);

interface Note {
  text: string;
}

export interface Peers {
  httpUrl: string;
  grpcAddress: string;
  /** What the last upload came to: `whole` or `cut`; undefined while it is under way. */
  lastUpload(): string | undefined;
  close(): void;
}

const FAILURE = { code: status.INTERNAL, details: 'the peer broke' };
const ZIPPED = gzipSync('first'.repeat(1_000));
const BREAK_MS = 20;

export async function startPeers(): Promise<Peers> {
  let upload: string | undefined;
  const breakLater = (response: ServerResponse): void => void setTimeout(() => response.destroy(), BREAK_MS);
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/good': (_request, response) => response.end('first'),
    '/cut-first': (_request, response) => response.destroy(),
    '/cut-first-byte': (_request, response) => {
      response.flushHeaders();
      breakLater(response);
    },
    '/cut-after': (_request, response) => {
      response.write('first');
      breakLater(response);
    },
    '/short': (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('first');
      breakLater(response);
    },
    '/gzip': (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': ZIPPED.length }).end(ZIPPED),
    '/gzip-cut': (_request, response) => {
      const part = ZIPPED.subarray(0, ZIPPED.length - 12);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': part.length }).end(part);
    },
    '/endless': (_request, response) => {
      const timer = setInterval(() => response.write('more'), 10);
      response.on('close', () => clearInterval(timer));
    },
    '/take': (request, response) => {
      upload = undefined;
      request.on('error', () => (upload = 'cut')).on('data', () => {});
      request.on('end', () => {
        upload = 'whole';
        response.end('taken');
      });
    },
    '/cut-upload': (request) => void request.once('data', () => request.destroy()),
  };
  const http = createServer((request, response) => routes[request.url ?? '']?.(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const follow = (call: ServerReadableStream<Note, Note> | ServerDuplexStream<Note, Note>): void => {
    upload = undefined;
    call.on('error', () => {}).on('cancelled', () => (upload ??= 'cut'));
  };
  const grpc = new Server();
  let address = '';
  grpc.addService(DEFINITION, {
    Down(call: ServerWritableStream<Note, Note>) {
      const { text } = call.request;
      if (text === 'first') return call.emit('error', FAILURE);
      call.write({ text: 'first' });
      if (text === 'after') return setTimeout(() => call.emit('error', FAILURE), BREAK_MS);
      if (text === 'lost') return setTimeout(() => grpc.drain(address, 0), BREAK_MS);
      return undefined;
    },
    Up(call: ServerReadableStream<Note, Note>, reply: sendUnaryData<Note>) {
      follow(call);
      let count = 0;
      call.on('data', ({ text }: Note) => {
        count += 1;
        if (text === 'first') reply(FAILURE);
      });
      // Clients on Node.js that cancel send their end first.
      call.on('end', () =>
        setTimeout(() => {
          if (call.cancelled) return;
          upload = 'whole';
          reply(null, { text: String(count) });
        }, BREAK_MS),
      );
    },
    Both(call: ServerDuplexStream<Note, Note>) {
      follow(call);
      call.on('data', ({ text }: Note) => {
        if (text === 'first') call.emit('error', FAILURE);
        else call.write({ text: 'first' });
      });
      call.on('end', () => call.end());
    },
  });
  const grpcPort = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  address = `127.0.0.1:${grpcPort}`;
  return {
    httpUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    grpcAddress: address,
    lastUpload: () => upload,
    close() {
      http.closeAllConnections();
      http.close();
      grpc.forceShutdown();
    },
  };
}
