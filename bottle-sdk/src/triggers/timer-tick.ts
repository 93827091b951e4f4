/** The event of a schedule. */
export interface TimerTick<Payload = unknown> {
  /** The schedule's name. */
  readonly name: string;
  /** The time it is for. A late one (misfire, overlap) keeps its own. */
  readonly scheduledAt: Date;
  /** Fired by hand, not by the schedule. */
  readonly manual: boolean;
  /** `payload` of serverless.yml, or what came with a manual firing. */
  readonly payload: Payload;
  /** This pod's share of a broadcast; 0 of 1 otherwise. */
  readonly shard: { readonly index: number; readonly count: number };
}
