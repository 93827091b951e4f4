import type { RpcDriver } from '@bottle/capabilities';
import { BottleError, Code, fromWireError, type Response } from '@bottle/protos';
import { Invocation, type Outcome } from '../../layer.ts';

export interface LocalFunctionsOptions {
  carry(invocation: Invocation, respond: (outcome: Outcome) => void): Promise<void>;
  nextId(): string;
}

/** The functions of this pod, called by the same way a request takes. */
export function createLocalFunctions({ carry, nextId }: LocalFunctionsOptions): RpcDriver {
  return {
    problem: undefined,
    ping: async () => {},
    close: async () => {},
    async invoke({ contentType, body }, call) {
      const invocation = new Invocation({
        id: nextId(),
        target: { kind: 'event', function: call.resource, contentType },
        body: { read: () => ({ kind: 'bytes', bytes: body }), abandon: () => {} },
        callerTimeoutMs: call.timeoutMs > 0 ? call.timeoutMs : undefined,
        traceparent: call.traceparent,
        baggage: call.baggage,
        caller: call.caller,
      });
      const onAbort = (): void => invocation.cancel('client-closed');
      call.signal.addEventListener('abort', onAbort, { once: true });
      let answer: Response | undefined;
      try {
        await carry(invocation, ({ response, stream }) => {
          stream?.cancel();
          if (stream)
            throw new BottleError(Code.UNIMPLEMENTED, 'streamed-result', `${call.resource} answers with a stream`);
          answer = response;
        });
      } finally {
        call.signal.removeEventListener('abort', onAbort);
        invocation.clearDeadline();
      }
      if (answer?.error) throw fromWireError(answer.error as never);
      return { contentType: answer?.value?.contentType ?? '', body: answer?.body ?? Buffer.alloc(0) };
    },
    unary: () => Promise.reject(notAService()),
    stream() {
      throw notAService();
    },
  };
}

function notAService(): BottleError {
  return new BottleError(Code.UNIMPLEMENTED, 'no-operation', 'functions are invoked; this is no gRPC service');
}
