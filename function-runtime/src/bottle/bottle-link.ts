import { join } from 'node:path';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  type Abilities,
  BottleError,
  CallError,
  type BottleClient,
  callMessages,
  Code,
  errorOfStatus,
  fromWireError,
  type FunctionTable,
  Link,
  type MessageStream,
  type Peer,
  type PendingCall,
  type Request,
  type Settled,
  type Services,
  SILENCES_OF_A_STUCK_PROCESS,
  WriteFlow,
} from '@bottle/protos';
import type { FaaSLogger } from 'bottle-sdk';

/** Whoever supervises the processes replaces the sidecar when it reads this line of the log. */
const SIDECAR_STUCK = 'the sidecar is stuck, it is to be replaced';

export interface BottleLinkOptions {
  services: Services;
  socketDir: string;
  abilities: Abilities;
  /** The functions whose grants init code shares. */
  table?: () => FunctionTable;
  /** There is no sidecar, and none will come: nobody looks or waits for one. @default false */
  isAlone?: boolean | undefined;
  logger: Pick<FaaSLogger, 'warn' | 'error'>;
}

/** Who makes a call; travels with it. */
export interface CallOrigin {
  /** Empty outside an invocation, as are the others then. */
  readonly invocationId: string;
  readonly functionName: string;
  readonly traceparent: string;
  readonly baggage: string;
}

/** A call that can be waited for, or given up. */
export type UnderWay = Pick<PendingCall, 'settled' | 'cancel'>;

/** The function container's end of the channel to the sidecar: bottle calls. */
export class BottleLink {
  readonly #link: Link<BottleClient>;
  readonly #services: Services;
  #peer: Peer<BottleClient> | undefined;
  #started: Promise<void> | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #isAlone: boolean;

  constructor({ services, socketDir, abilities, table, isAlone = false, logger }: BottleLinkOptions) {
    const forget = (peer: Peer<BottleClient>): void => {
      if (peer === this.#peer) this.#peer = undefined;
    };
    this.#services = services;
    this.#isAlone = isAlone;
    this.#link = new Link<BottleClient>({
      socketPath: join(socketDir, 'sidecar.sock'),
      Client: services.BottleClient,
      abilities,
      table,
      onUp: (peer) => {
        this.#peer = peer;
        for (const wake of this.#waiting) wake();
      },
      onTable: () => {},
      onLeaving: forget,
      onDown: forget,
      onSilence: (inARow) => {
        logger.error({ inARow }, 'the sidecar does not answer, its connection is replaced');
        if (inARow >= SILENCES_OF_A_STUCK_PROCESS) logger.error({ inARow }, SIDECAR_STUCK);
      },
      onRefused: (reason) => logger.warn({ reason }, 'the sidecar cannot work with this runtime'),
    });
  }

  /** The sidecar, while it is connected. */
  get peer(): Peer<BottleClient> | undefined {
    return this.#peer;
  }

  /** Starts to look for the sidecar, once. */
  start(): Promise<void> {
    this.#started ??= this.#isAlone ? Promise.resolve() : this.#link.start();
    return this.#started;
  }

  close(): void {
    this.#link.close();
  }

  /** The sidecar, as soon as it is connected. Throws UNAVAILABLE when that takes longer. */
  async untilPeer(timeoutMs: number): Promise<Peer<BottleClient>> {
    let timer: NodeJS.Timeout | undefined;
    let wake: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(resolve);
      timer = setTimeout(resolve, this.#isAlone ? 0 : timeoutMs);
    });
    clearTimeout(timer);
    if (wake) this.#waiting.delete(wake);
    if (this.#peer) return this.#peer;
    throw new BottleError(Code.UNAVAILABLE, 'no-sidecar', 'the sidecar is not connected');
  }

  /** One call as an RPC of its own, for a sidecar that takes no batches. */
  callUnary(peer: Peer<BottleClient>, request: Request): UnderWay {
    const settled = Promise.withResolvers<Settled>();
    const unary = peer.client.call(request, (error, response) => {
      if (response) settled.resolve({ kind: 'response', response });
      else settled.resolve({ kind: 'lost', written: true, reason: error?.details ?? 'no answer' });
    });
    return {
      settled: settled.promise,
      cancel(reason) {
        settled.resolve({ kind: 'cancelled', reason });
        unary.cancel();
      },
    };
  }

  /** The body of an answer that was too large for a frame. */
  collect(peer: Peer<BottleClient>, ticket: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      peer.client.collect({ ticket }, (error, response) => {
        if (error) reject(this.#errorOf(error));
        else if (response?.error) reject(fromWireError(response.error, CallError));
        else resolve(response?.body ?? Buffer.alloc(0));
      });
    });
  }

  /** A gRPC call with messages either way. `deadlineMs` is Unix time, or Infinity. */
  open(
    peer: Peer<BottleClient>,
    path: string,
    resource: string,
    origin: CallOrigin,
    deadlineMs: number,
  ): MessageStream {
    const metadata = new Metadata();
    metadata.set('bottle-resource', resource);
    metadata.set('bottle-function', origin.functionName);
    metadata.set('bottle-invocation-id', origin.invocationId);
    if (origin.traceparent !== '') metadata.set('traceparent', origin.traceparent);
    if (origin.baggage !== '') metadata.set('baggage', origin.baggage);
    const same = (bytes: Buffer): Buffer => bytes;
    const call = peer.client.makeBidiStreamRequest(path, same, same, metadata, { deadline: deadlineMs });
    const flow = new WriteFlow(call);
    const answers = callMessages<Buffer>(call);
    let failure: BottleError | undefined;
    call.on('error', (error: ServiceError) => {
      failure = this.#errorOf(error);
      flow.release();
    });
    const errorOf = (error: unknown): BottleError => this.#errorOf(error as ServiceError);
    async function* messages(): AsyncGenerator<Buffer> {
      try {
        yield* answers;
      } catch (error) {
        throw errorOf(error);
      } finally {
        call.cancel();
      }
    }
    return {
      async send(message) {
        if (failure) throw failure;
        if (!call.write(message)) await flow.untilWritable();
        if (failure) throw failure;
      },
      end: () => call.end(),
      cancel: () => call.cancel(),
      [Symbol.asyncIterator]: messages,
    };
  }

  #errorOf(error: ServiceError): BottleError {
    return errorOfStatus(error, this.#services.error);
  }
}
