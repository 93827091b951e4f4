import type { Frame__Output, FunctionRuntimeClient, Peer } from '@bottle/protos';
import type { Place } from '../layer.ts';

/** How long after its RPC ended it should be known that an invocation is over; then it is asked for. */
const ASK_AFTER_MS = 1_000;

type RuntimePeer = Peer<FunctionRuntimeClient>;

interface LoneCall {
  peer: RuntimePeer;
  place: Place;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The places of invocations that have an RPC of their own. The RPC tells their answer; the session tells when they have begun
 * and when they are over.
 */
export class LoneCalls {
  readonly #underWay = new Map<string, LoneCall>();

  /** An RPC is about to begin. Returns what to call when it has ended: with an answer of the function, or without. */
  begin(peer: RuntimePeer, invocationId: string, place: Place): (isAnswered: boolean) => void {
    place.sent(true);
    if (!peer.caller.saysOver) return (isAnswered) => place.over(isAnswered);
    const call: LoneCall = { peer, place, timer: undefined };
    this.#underWay.set(invocationId, call);
    const ask = (): void => {
      if (this.#underWay.get(invocationId) !== call) return;
      peer.caller.sendSession({ cancel: { reason: 'client-closed', invocationId } });
      call.timer = setTimeout(ask, ASK_AFTER_MS * 5);
    };
    return (isAnswered) => {
      if (isAnswered) place.started();
      if (this.#underWay.get(invocationId) === call) call.timer = setTimeout(ask, ASK_AFTER_MS);
    };
  }

  onProgress({ over, started }: Frame__Output): void {
    for (const invocationId of started?.invocationIds ?? []) this.#underWay.get(invocationId)?.place.started();
    if (over) this.#take(over.invocationId)?.place.over();
  }

  onDown(peer: RuntimePeer): void {
    for (const [invocationId, call] of this.#underWay) {
      if (call.peer !== peer) continue;
      this.#take(invocationId);
      call.place.lost();
    }
  }

  #take(invocationId: string): LoneCall | undefined {
    const call = this.#underWay.get(invocationId);
    clearTimeout(call?.timer);
    this.#underWay.delete(invocationId);
    return call;
  }
}
