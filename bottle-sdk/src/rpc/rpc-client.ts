import { definitionOf } from '@bottle/protos';
import { type CallOptions, ResourceCalls } from '../resource-calls.ts';
import type { BottleScope } from '../scope.ts';

export interface RpcClient {
  /**
   * Calls another function with an event and returns its result: one of this pod by its name, one of another service by
   * `<service>/<function>`. Deadline, trace and cancellation come along. Throws BottleError: what the function threw, or
   * why it could not be called.
   */
  invoke<Result = unknown>(functionName: string, event?: unknown, options?: CallOptions): Promise<Result>;
}

export function rpcClient(scopeOf: () => BottleScope): RpcClient {
  return {
    async invoke<Result>(functionName: string, event?: unknown, options?: CallOptions): Promise<Result> {
      const calls = new ResourceCalls(scopeOf, 'rpc', functionName);
      const body = event === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(event));
      const request = { contentType: 'application/json', body };
      const answer = await calls.unary(definitionOf('rpc').Invoke, request, options);
      return (answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString())) as Result;
    },
  };
}
