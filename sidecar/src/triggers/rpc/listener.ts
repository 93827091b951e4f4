import { createServer } from 'node:net';
import { BottleError } from '@bottle/protos';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { portTaken } from '../../port-taken.ts';

/** Between two attempts at a port that is taken, in milliseconds. */
const RETRY_MS = 2_000;

export interface ListenerOptions {
  host: string;
  /** 0: any. */
  port: number;
  /** PEM texts; without them, no TLS. With `clientCa`, only clients that it has signed are served. */
  tls: { cert: string; key: string; clientCa: string };
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** The port of a gRPC server: taken once, when it is wanted. */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  #port: number | undefined;
  #problem: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;

  constructor(server: Server, options: ListenerOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Undefined until it listens. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Why it does not listen although it should. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Listens. Rejects with BottleError when the port cannot be had. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Listens as soon as the port is to be had; until then `problem` says why not. */
  keepOpening(): void {
    if (this.#port !== undefined || this.#opening || this.#retry || this.#isClosed) return;
    this.#problem ??= 'the rpc port is not open yet';
    this.open().catch((error: unknown) => {
      const { message } = BottleError.from(error);
      if (message !== this.#problem) this.#options.log.error({ port: this.#options.port }, message);
      this.#problem = message;
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.keepOpening();
      }, RETRY_MS).unref();
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  async #open(): Promise<void> {
    if (this.#port !== undefined) return;
    const { host, port, tls, log } = this.#options;
    await probe(host, port);
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, credentialsOf(tls), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    this.#problem = undefined;
    log.info({ rpcPort: this.#port }, 'rpc port listens');
  }
}

/** Tries the port first: the server's library prints what goes wrong, and does not say what it was. */
async function probe(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    const setting = 'rpc.port (--rpc-port, BOTTLE_RPC_PORT)';
    throw portTaken({ name: 'rpc', host, port, setting }, error as NodeJS.ErrnoException);
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}

function credentialsOf({ cert, key, clientCa }: ListenerOptions['tls']): ServerCredentials {
  if (cert === '') return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(clientCa === '' ? null : Buffer.from(clientCa), [pair], clientCa !== '');
}
