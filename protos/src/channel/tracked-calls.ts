import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { FairTurns } from '../fair-turns.ts';

/** What grpc-js returns for a call of any kind. */
interface AnyCall {
  call?: { cancelWithStatus(code: status, details: string): void } | null;
  /** Of a stream: takes a message that has come. */
  push?(message: unknown): boolean;
  cancel(): void;
  once(event: 'status', listener: () => void): unknown;
}

type CallMethod = (...args: unknown[]) => AnyCall;

/**
 * Cancels take turns. Node.js writes each by itself, before it closes the stream, and about 270 writes fill a socket of the pod,
 * however small they are. While a write waits, Node.js does not read: when thousands of readers leave in one turn and the
 * other process has filled its direction meanwhile, both wait for each other for ever.
 */
const cancels = new FairTurns(32);

/** Of every client, beside those of its service. */
const GENERIC_METHODS = [
  'makeUnaryRequest',
  'makeClientStreamRequest',
  'makeServerStreamRequest',
  'makeBidiStreamRequest',
] as const;

/**
 * Keeps the calls that a client has under way. Returns what ends all of them with UNAVAILABLE: a client that is closed
 * leaves them alone, and behind a connection that is dead but open they would never end by themselves. `onMessage` is called
 * with each message of a stream that comes. They are cancelled a few in each turn of the event loop.
 */
export function trackCalls(client: Client, onMessage: () => void): (details: string) => void {
  const underWay = new Set<AnyCall>();
  const methods = client as unknown as Record<string, CallMethod>;
  for (const name of [...Object.keys(Object.getPrototypeOf(client) as object), ...GENERIC_METHODS]) {
    const method = methods[name];
    if (typeof method !== 'function') continue;
    methods[name] = (...args) => {
      const call = method.apply(client, args);
      underWay.add(call);
      if (call.push) hear(call, call.push, onMessage);
      cancelInTurn(call, call.cancel);
      call.once('status', () => underWay.delete(call));
      return call;
    };
  }
  return (details) => {
    for (const call of underWay) call.call?.cancelWithStatus(status.UNAVAILABLE, details);
  };
}

/** Before anybody reads: what nobody has asked for yet has come, too. */
function hear(call: AnyCall, push: (message: unknown) => boolean, onMessage: () => void): void {
  call.push = (message) => {
    onMessage();
    return push.call(call, message);
  };
}

function cancelInTurn(call: AnyCall, cancel: () => void): void {
  call.cancel = () => void cancels.wait().then(() => cancel.call(call));
}

/** Whether a call failed because the other side has no such method: it is older. */
export function isUnimplemented(error: ServiceError): boolean {
  return error.code === status.UNIMPLEMENTED;
}
