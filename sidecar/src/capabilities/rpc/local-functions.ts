import { BottleError, Code, type Response } from '@bottle/protos';
import type { Capability } from '../../bottle-path.ts';
import { Invocation, type Outcome } from '../../layer.ts';

export interface RpcCapabilityOptions {
  carry(invocation: Invocation, respond: (outcome: Outcome) => void): Promise<void>;
  nextId(): string;
}

/** `rpc.invoke/<function>`: calls another function of this pod, by the same way a request takes. */
export function createRpcCapability(options: RpcCapabilityOptions): Capability {
  return {
    name: 'rpc',
    async call(operation, resource, call) {
      if (operation !== 'invoke')
        throw new BottleError(Code.UNIMPLEMENTED, 'no-operation', `rpc has no operation "${operation}"`);
      const { request } = call;
      const invocation = new Invocation({
        id: options.nextId(),
        target: { kind: 'event', function: resource, contentType: request.contentType },
        body: { read: () => ({ kind: 'bytes', bytes: request.body }), abandon: () => {} },
        callerTimeoutMs: request.timeoutMs > 0 ? request.timeoutMs : undefined,
        traceparent: request.traceparent,
        baggage: request.baggage,
        caller: request.caller,
      });
      call.onCancel = () => invocation.cancel('client-closed');
      let answer: Response | undefined;
      await options.carry(invocation, ({ response, stream }) => {
        stream?.cancel();
        if (stream) throw new BottleError(Code.UNIMPLEMENTED, 'streamed-result', `${resource} answers with a stream`);
        answer = response;
      });
      invocation.clearDeadline();
      return answer ?? {};
    },
  };
}
