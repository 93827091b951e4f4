import { BottleError, Code, type FunctionInfo, type FunctionTable__Output } from '@bottle/protos';
import type { InvokeAdmin } from './admin/invoke-routes.ts';
import { manualCall, manualExample, type ManualSurroundings } from './admin/manual-calls.ts';
import type { WaitingRoom } from './admission/waiting-room.ts';
import { HeaderNames } from './ingress/http-headers.ts';
import { type HttpHead, Invocation, type Target, type UnreadBody } from './layer.ts';
import type { ProblemOf } from './problem.ts';
import type { RequestPath } from './request-path.ts';
import type { FunctionTables } from './route/function-tables.ts';
import { acceptEvent } from './triggers/cloudevents/accept-event.ts';
import { attributesOf, metadataOf } from './triggers/rpc/call-metadata.ts';

const NO_BODY: UnreadBody = { read: () => ({ kind: 'bytes', bytes: Buffer.alloc(0) }), abandon: () => {} };
/** Functions that are named where one is not found. */
const MAX_NAMED = 20;
/** Who calls a gRPC method by hand. */
const PEER = 'bottle invoke';

export interface InvokeAdminOptions {
  tables: FunctionTables;
  waitingRoom: WaitingRoom;
  carry: RequestPath;
  nextId(): string;
  /** Largest message of a gRPC method, in bytes. */
  maxMessageBytes: number;
  /** What is missing while no function is known. */
  missing(): string;
  problemOf: ProblemOf;
}

/** Calls of functions by hand: with what a trigger would bring, the way of every request. */
export function createInvokeAdmin(options: InvokeAdminOptions): InvokeAdmin {
  const { tables, waitingRoom, carry, nextId, maxMessageBytes, missing, problemOf } = options;
  const names = new HeaderNames();

  const surroundings: ManualSurroundings = {
    ownerOf(http: HttpHead) {
      try {
        return tables.route(invocationFor({ kind: 'http', http })).function.name;
      } catch {
        return undefined;
      }
    },
    travels: (header) => names.forwarded(header) !== '',
    accept: acceptEvent,
    async methodOf({ service, method }) {
      const { findMethod, findService, loadDescriptors } = await import('@bottle/protos/proto-files');
      const found = findService(loadDescriptors(tables.table?.descriptors ?? Buffer.alloc(0)), service);
      const codecs = found && findMethod(found, method);
      if (codecs) return codecs;
      throw new BottleError(Code.UNIMPLEMENTED, 'no-rpc-method', `nothing is known of ${service}/${method}`);
    },
    attributesOf: (trigger, metadata) => attributesOf(trigger, PEER, metadataOf(metadata.flat())),
    maxMessageBytes,
  };

  /** One that only asks. */
  function invocationFor(target: Target): Invocation {
    return new Invocation({ id: '', target, body: NO_BODY });
  }

  /** What an event looks like depends on the function's triggers: those of a pod that starts are waited for. */
  async function find(name: string): Promise<FunctionInfo> {
    if (!tables.table) {
      const waiting = invocationFor({ kind: 'event', function: name, contentType: '' });
      await waitingRoom.until(() => tables.table !== undefined, waiting, missing);
    }
    const { functions } = tables.table as FunctionTable__Output;
    const info = functions.find((each) => each.name === name);
    if (info) return info;
    const known = functions.slice(0, MAX_NAMED).map((each) => each.name);
    if (functions.length > MAX_NAMED) known.push('…');
    const message = `there is no function "${name}": there are ${known.join(', ') || 'none'}`;
    throw new BottleError(Code.NOT_FOUND, 'no-function', message);
  }

  return {
    problemOf,
    async invoke({ function: name, given, callerTimeoutMs }, respond) {
      const call = await manualCall(await find(name), given, surroundings);
      const { target, body, traceparent, baggage, answer } = call;
      const invocation = new Invocation({ id: nextId(), target, body, callerTimeoutMs, traceparent, baggage });
      try {
        await carry(invocation, async (outcome) => respond(answer ? await answer(outcome) : outcome));
      } finally {
        invocation.clearDeadline();
      }
    },
    async example(name, as) {
      return manualExample(await find(name), as, surroundings);
    },
  };
}
