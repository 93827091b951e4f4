import type { RpcDriver } from '@bottle/capabilities';
import { BottleError, Code, fromWireError } from '@bottle/protos';
import type { CallChains } from '../../call-chains.ts';
import type { CarryEvent } from '../../event-invocation.ts';

/** The functions of this pod, called by the same way a request takes. */
export function createLocalFunctions(carryEvent: CarryEvent, chains: CallChains): RpcDriver {
  return {
    problem: undefined,
    ping: async () => {},
    close: async () => {},
    async invoke({ contentType, body }, call) {
      const { timeoutMs, traceparent, baggage, caller, signal } = call;
      const { callers, leave } = chains.enter(call);
      call.isQueued = true;
      const beforeDispatch = async (): Promise<void> => {
        call.isQueued = false;
      };
      const event = { function: call.resource, contentType, body, timeoutMs, traceparent, baggage, caller, signal };
      try {
        const answer = await carryEvent({ ...event, callers, beforeDispatch });
        if (answer.error) throw fromWireError(answer.error);
        return { contentType: answer.value?.contentType ?? '', body: answer.body ?? Buffer.alloc(0) };
      } finally {
        leave();
      }
    },
    unary: () => Promise.reject(notAService()),
    stream() {
      throw notAService();
    },
  };
}

function notAService(): BottleError {
  const message =
    'this is not a gRPC service: add `resources: { rpc: { <name>: { driver: grpc, addresses: […] } } }` to sidecar.yml';
  return new BottleError(Code.UNIMPLEMENTED, 'no-operation', message);
}
