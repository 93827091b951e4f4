import { BottleError, Code } from '@bottle/protos';
import { currentScope, type InvocationScope } from './scope.ts';

export interface InvokeOptions {
  /** Gives the call up. The invocation's own signal does so in any case. */
  signal?: AbortSignal;
  /** Lowers the deadline, in milliseconds from now. */
  timeoutMs?: number;
}

/** The platform's capabilities, called in the name of the current invocation. */
export interface Bottle {
  rpc: {
    /**
     * Calls another function of this pod with an event and returns its result. Deadline, trace and cancellation come
     * along. Throws BottleError: what the function threw, or why it could not be called.
     */
    invoke<Result = unknown>(functionName: string, event?: unknown, options?: InvokeOptions): Promise<Result>;
  };
}

/** A bottle whose calls belong to the scope that `scopeOf` finds. */
export function createBottle(scopeOf: () => InvocationScope): Bottle {
  return {
    rpc: {
      async invoke<Result>(functionName: string, event?: unknown, options: InvokeOptions = {}): Promise<Result> {
        const body = event === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(event));
        const answer = await scopeOf().call({ target: `rpc.invoke/${functionName}`, body, ...options });
        return (answer.length === 0 ? undefined : JSON.parse(answer.toString())) as Result;
      },
    },
  };
}

/** The bottle of whatever invocation is running. Throws outside one. */
export const bottle: Bottle = createBottle(() => {
  const scope = currentScope();
  if (scope) return scope;
  const message = 'bottle calls belong to an invocation; there is none here';
  throw new BottleError(Code.FAILED_PRECONDITION, 'no-invocation', message);
});
