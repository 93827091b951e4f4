// The way of every request, whatever protocol it came by. Read from top to bottom.
import { BottleError, Code } from '@bottle/protos';
import type { Admission } from './admission/admission.ts';
import type { WaitingRoom } from './admission/waiting-room.ts';
import type { CallChains } from './call-chains.ts';
import type { Lost, RuntimeChannel } from './channel/runtime-channel.ts';
import type { Idempotency } from './idempotency/idempotency.ts';
import { MAX_IDEMPOTENT_BODY_BYTES } from './idempotency/idempotent-request.ts';
import {
  type Admitted,
  type CancelReason,
  errorOfCancel,
  type Invocation,
  type Loaded,
  type Outcome,
  type Routed,
} from './layer.ts';
import type { FunctionTables } from './route/function-tables.ts';

/** How often one request is put on the channel at most: the first time, and again after a connection was lost. */
const MAX_ATTEMPTS = 3;

/** What HTTP calls safe: a function marked idempotent may get these again after it had begun. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface RequestPathOptions {
  tables: FunctionTables;
  waitingRoom: WaitingRoom;
  idempotency: Idempotency;
  admission: Admission;
  channel: RuntimeChannel;
  chains: CallChains;
  limits: { requestTimeoutMs: number; maxBodyBytes: number; maxStreamBytes: number };
}

/** Takes an invocation to its function. `respond` writes the outcome. */
export type RequestPath = (
  invocation: Invocation,
  respond: (outcome: Outcome) => Promise<void> | void,
) => Promise<void>;

export function createRequestPath(options: RequestPathOptions): RequestPath {
  const { tables, waitingRoom, idempotency, admission, channel, chains, limits } = options;
  const admit = (loaded: Loaded): Admitted | Promise<Admitted> => admission.admit(loaded);

  return async function carry(invocation, respond) {
    if (!tables.router) await untilFirstTable(invocation);
    const routed = tables.route(invocation);
    invocation.cors = routed.cors;
    const loaded = await load(routed);
    // Before admission: a repeat takes no place of the function.
    if (loaded.idempotency) await idempotency.answer(loaded, loaded.idempotency, respond, run);
    else await run(loaded, respond);
  };

  /** A place of the function, the way there and back. */
  async function run(loaded: Loaded, respond: (outcome: Outcome) => Promise<void> | void): Promise<void> {
    const waited = chains.admit(loaded, admit);
    const admitted = waited instanceof Promise ? await waited : waited;
    try {
      const outcome = await invoke(admitted);
      loaded.invocation.clearDeadline();
      await respond(outcome);
    } finally {
      admitted.place.leave();
    }
  }

  function untilFirstTable(invocation: Invocation): Promise<void> {
    invocation.setTimeout(limits.requestTimeoutMs);
    return waitingRoom.until(
      () => tables.router !== undefined,
      invocation,
      () => channel.missing,
    );
  }

  /** Small bodies are read here, so that a slow sender holds a connection and not a place of the function. */
  async function load(routed: Routed): Promise<Loaded> {
    const { invocation } = routed;
    invocation.functionName = routed.function.name;
    invocation.setTimeout(routed.timeoutMs);
    invocation.onCancel = (reason) => invocation.body.abandon(errorOfLateBody(reason));
    const loadedBody = await invocation.body.read(...bodyLimits(routed));
    invocation.onCancel = undefined;
    return Object.assign(routed, { loadedBody });
  }

  /** What is collected of a body, and what is refused, in bytes. */
  function bodyLimits({ streamsBody, idempotency: rule }: Routed): [maxBytes: number, limitBytes: number] {
    const { maxBodyBytes, maxStreamBytes } = limits;
    if (streamsBody) return [0, maxStreamBytes];
    if (!rule) return [channel.bodyThresholdBytes, maxBodyBytes];
    const limitBytes =
      maxBodyBytes === 0 ? MAX_IDEMPOTENT_BODY_BYTES : Math.min(maxBodyBytes, MAX_IDEMPOTENT_BODY_BYTES);
    return [limitBytes, limitBytes];
  }

  async function invoke(admitted: Admitted): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      if (!isServing(admitted)) await untilServing(admitted);
      if (attempt === 1 && admitted.invocation.beforeDispatch) await admitted.invocation.beforeDispatch();
      const settled = await channel.invoke(admitted);
      if (!('lost' in settled)) return settled;
      if (attempt === MAX_ATTEMPTS || !mayRepeat(settled, admitted)) {
        const message = `the connection to the function container broke: ${settled.reason}`;
        throw new BottleError(Code.UNAVAILABLE, 'connection-lost', message, { details: { started: settled.started } });
      }
    }
  }

  function isServing(admitted: Admitted): boolean {
    return channel.connected && tables.stateOf(admitted.function.name) === 'FUNCTION_STATE_READY';
  }

  /** Throws when the function failed to load, at once or while it is waited for. */
  async function untilServing(admitted: Admitted): Promise<void> {
    const { name } = admitted.function;
    admitted.place.hold();
    const decided = (): boolean => channel.connected && tables.stateOf(name) !== 'FUNCTION_STATE_INITIALISING';
    const explain = (): string => (channel.connected ? `${name} is still initialising` : channel.missing);
    await waitingRoom.until(decided, admitted.invocation, explain);
    const state = tables.stateOf(name);
    if (state === undefined)
      throw new BottleError(Code.NOT_FOUND, 'no-function', `there is no function "${name}" any more`);
    if (state === 'FUNCTION_STATE_FAILED') {
      const message = `${name} failed to initialise: ${tables.reasonOf(name)}`;
      const report = tables.reportOf(name);
      throw new BottleError(Code.UNAVAILABLE, 'init-failed', message, { details: { retryAfterSec: 1 }, report });
    }
  }
}

function errorOfLateBody(reason: CancelReason): BottleError {
  if (reason !== 'deadline') return errorOfCancel(reason);
  const message = 'the request body did not arrive before the deadline';
  return new BottleError(Code.DEADLINE_EXCEEDED, 'body-timeout', message, { httpStatus: 408 });
}

/** At most once, unless the function says that twice does no harm and the method agrees. */
function mayRepeat(lost: Lost, { function: info, invocation, loadedBody }: Admitted): boolean {
  if (loadedBody.kind === 'stream') return false; // part of it is gone
  if (!lost.started) return true;
  return info.idempotent && invocation.target.kind === 'http' && SAFE_METHODS.has(invocation.target.http.method);
}
