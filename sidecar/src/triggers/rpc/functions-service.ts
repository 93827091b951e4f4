// `bottle.v1.Functions` for the pods of other services: events for this pod's functions, by name.
import {
  BottleError,
  Code,
  functionsDefinition,
  type Request__Output,
  type Response,
  toWireError,
} from '@bottle/protos';
import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { CALLERS_ENTRY, parseCallers } from '../../call-chains.ts';
import type { CarryEvent } from '../../event-invocation.ts';
import { textOf } from './call-metadata.ts';

export interface FunctionsService {
  /** Invocations under way. */
  readonly inFlight: number;
}

export interface FunctionsServiceOptions {
  carryEvent: CarryEvent;
  log: { error(fields: object, message: string): void };
}

/** Adds the service to a server. */
export function addFunctions(server: Server, { carryEvent, log }: FunctionsServiceOptions): FunctionsService {
  let inFlight = 0;

  async function invoke(
    request: Request__Output,
    callers: readonly string[],
    signal: AbortSignal,
    deadline: Date | number,
  ): Promise<Response> {
    const { target, contentType, body, traceparent, baggage, caller } = request;
    const remainingMs = Number(deadline) - Date.now();
    const timeouts = [remainingMs, request.timeoutMs].filter((ms) => Number.isFinite(ms) && ms !== 0);
    const timeoutMs = timeouts.length === 0 ? 0 : Math.max(1, Math.round(Math.min(...timeouts)));
    inFlight += 1;
    try {
      const event = { function: target, contentType, body, timeoutMs, traceparent, baggage, caller, callers, signal };
      return await carryEvent(event);
    } catch (thrown) {
      const error = BottleError.from(thrown);
      if (error.cause !== undefined) log.error({ err: error.cause, function: target }, 'remote invocation failed');
      return { error: toWireError(error) };
    } finally {
      inFlight -= 1;
    }
  }

  server.addService(functionsDefinition(), {
    Invoke(call: ServerUnaryCall<Request__Output, Response>, callback: sendUnaryData<Response>) {
      const given = new AbortController();
      call.on('cancelled', () => given.abort(new BottleError(Code.CANCELLED, 'cancelled', 'the caller has left')));
      const callers = parseCallers(textOf(call.metadata, CALLERS_ENTRY));
      void invoke(call.request, callers, given.signal, call.getDeadline()).then((response) => callback(null, response));
    },
  });
  return {
    get inFlight() {
      return inFlight;
    },
  };
}
