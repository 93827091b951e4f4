import { join } from 'node:path';
import {
  type Abilities,
  BottleError,
  type BottleClient,
  Code,
  fromWireError,
  Link,
  type Peer,
  type Services,
} from '@bottle/protos';
import type { FaaSLogger, ScopedCall } from 'bottle-sdk';
import type { ActiveInvocation } from '../invoke/active-invocation.ts';

export interface BottleLinkOptions {
  services: Services;
  socketDir: string;
  abilities: Abilities;
  logger: FaaSLogger;
}

/** The function container's end of the channel to the sidecar: bottle calls. */
export class BottleLink {
  readonly #link: Link<BottleClient>;
  #peer: Peer<BottleClient> | undefined;

  constructor({ services, socketDir, abilities, logger }: BottleLinkOptions) {
    const forget = (peer: Peer<BottleClient>): void => {
      if (peer === this.#peer) this.#peer = undefined;
    };
    this.#link = new Link<BottleClient>({
      socketPath: join(socketDir, 'sidecar.sock'),
      Client: services.BottleClient,
      abilities,
      onUp: (peer) => {
        this.#peer = peer;
      },
      onTable: () => {},
      onLeaving: forget,
      onDown: forget,
      onRefused: (reason) => logger.warn({ reason }, 'the sidecar cannot work with this runtime'),
    });
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  close(): void {
    this.#link.close();
  }

  /** One bottle call in the name of an invocation. Throws BottleError. */
  async call(call: ScopedCall, invocation: ActiveInvocation): Promise<Buffer> {
    const peer = this.#peer;
    if (!peer) throw new BottleError(Code.UNAVAILABLE, 'no-sidecar', 'the sidecar is not connected');
    const remainingMs = Math.ceil(Math.min(invocation.remainingMs, call.timeoutMs ?? Number.POSITIVE_INFINITY));
    if (remainingMs <= 0) throw new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
    const { request } = invocation;
    const pending = peer.caller.call({
      target: call.target,
      invocationId: request.invocationId,
      timeoutMs: remainingMs,
      contentType: 'application/json',
      traceparent: request.traceparent,
      baggage: request.baggage,
      caller: request.target,
      body: call.body,
    });
    const signals = call.signal ? [invocation.signal, call.signal] : [invocation.signal];
    const signal = AbortSignal.any([...signals, AbortSignal.timeout(remainingMs)]);
    const onAbort = (): void => pending.cancel('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    const settled = await pending.settled;
    signal.removeEventListener('abort', onAbort);
    switch (settled.kind) {
      case 'response':
        if (settled.response.error) throw fromWireError(settled.response.error);
        return settled.response.body;
      case 'cancelled':
        throw signal.reason instanceof BottleError
          ? signal.reason
          : new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', `${call.target} did not answer in time`, {
              cause: signal.reason,
            });
      case 'refused':
        throw settled.error;
      case 'lost':
        throw new BottleError(
          Code.UNAVAILABLE,
          'connection-lost',
          `the connection to the sidecar broke: ${settled.reason}`,
        );
    }
  }
}
