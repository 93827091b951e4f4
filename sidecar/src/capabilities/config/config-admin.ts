import { definitionOf, type AnyMethod, BottleError, Code } from '@bottle/protos';
import { BrokerCall } from '../broker-call.ts';
import type { Resource } from '../resource.ts';
import type { Resources } from '../resources.ts';

const NOBODY = { caller: '', invocationId: '', traceparent: '', baggage: '', timeoutMs: 0 };
const CANCELLED = new BottleError(Code.CANCELLED, 'cancelled', 'the answer is no longer wanted');

/** The methods of `config` and `switches` for the admin port: with the resource's policy, without grants. */
export function createConfigAdmin(resources: Resources) {
  const find = (capability: 'config' | 'switches', name: string): Resource => resources.find(capability, name);

  return {
    /** One message, one answer. */
    async unary(capability: 'config' | 'switches', name: string, methodName: string, message: object): Promise<object> {
      const resource = find(capability, name);
      const method = resource.capability.methods[methodName];
      if (method?.kind !== 'unary') throw new BottleError(Code.UNIMPLEMENTED, 'no-operation', `no ${methodName}`);
      const call = new BrokerCall(NOBODY);
      const request = completed(methodName, message) as never;
      return await resource.policy.run(method.facts(request), call, async () =>
        method.serve(await resource.ready(), request, call),
      );
    },
    /** The entry of a key now and after every change, until the signal aborts. */
    async *watch(
      capability: 'config' | 'switches',
      name: string,
      key: string,
      signal: AbortSignal,
    ): AsyncGenerator<object> {
      const resource = find(capability, name);
      const { watch } = resource.capability.methods;
      if (watch?.kind !== 'stream') throw new BottleError(Code.UNIMPLEMENTED, 'no-operation', 'no watch');
      const call = new BrokerCall(NOBODY);
      signal.addEventListener('abort', () => call.cancel(CANCELLED), { once: true });
      yield* watch.serve(await resource.ready(), once({ key }) as never, call);
    },
  };
}

/** A message as it would have arrived: with its defaults. */
function completed(methodName: string, message: object): object {
  const protoName = methodName.charAt(0).toUpperCase() + methodName.slice(1);
  const codec = (definitionOf('config') as unknown as Record<string, AnyMethod>)[protoName];
  return codec ? codec.requestDeserialize(codec.requestSerialize(message)) : message;
}

async function* once<Message>(message: Message): AsyncGenerator<Message> {
  yield message;
}
