import type { Readable } from 'node:stream';
import type { Request__Output, Session } from '@bottle/protos';
import type { EncodedResult } from '../invoke/encode-result.ts';
import type { Cancellation, Invoker } from '../invoke/invoker.ts';

/**
 * Invocations that came by an RPC of their own. Such an RPC may end before its invocation is over, or its client may leave; so
 * when they begin and when they are over is told on the sessions, by their ids.
 */
export class LoneCalls {
  readonly #invoker: Invoker;
  readonly #sessions: ReadonlySet<Session>;
  readonly #underWay = new Map<string, Cancellation>();

  constructor(invoker: Invoker, sessions: ReadonlySet<Session>) {
    this.#invoker = invoker;
    this.#sessions = sessions;
  }

  /** As the invoker's. */
  async invoke(request: Request__Output, call: Cancellation, body: Readable | undefined): Promise<EncodedResult> {
    const { invocationId } = request;
    const over = (): void => {
      this.#underWay.delete(invocationId);
      for (const session of this.#sessions) session.tellOver(invocationId);
    };
    this.#underWay.set(invocationId, call);
    const started = (): void => {
      for (const session of this.#sessions) session.tellStarted(invocationId);
    };
    const result = await this.#invoker.invoke(request, Object.assign(call, { started, over }), body);
    if (!result.response.unfinished) over();
    return result;
  }

  /** Whoever waits for it does so no more; false: there is none of this id. */
  cancel(invocationId: string, reason: string): boolean {
    const call = this.#underWay.get(invocationId);
    call?.onCancel?.(reason);
    return call !== undefined;
  }
}
