import { BottleError, Code } from '@bottle/protos';
import type { TimerHost } from './timer-host.ts';
import type { TimerRun } from './timer-history.ts';
import { MAX_TRIES, type TimerPlan } from './timer-plan.ts';

/** One tick on its way to the function. */
export interface TickOrder {
  plan: TimerPlan;
  /** Of the schedule with its service, for the history. */
  key: string;
  /** Thirty-two hex digits: the invocation's. */
  id: string;
  slot: number;
  tries: number;
  manual: boolean;
  shard?: { index: number; count: number };
  /** Instead of the schedule's own. */
  payload?: Buffer | undefined;
  /** Called when the tick is about to be sent; when it rejects, it is not sent. */
  beforeDispatch?(): Promise<void>;
}

/** Over with a run to show for it; `again`: it may be tried again, `taken`: it is another pod's. */
export type TickEnd = { kind: 'over'; run: TimerRun } | { kind: 'again' } | { kind: 'taken' };

/** Rejection of `beforeDispatch` for a tick that is no longer this pod's. */
export function takenOver(): BottleError {
  return new BottleError(Code.ABORTED, 'timer-taken-over', 'another pod has taken the tick over');
}

/**
 * Takes a tick to its function; resolves when it is over, and in the history. One that was given up at its deadline is over when
 * its code has ended: until then no other may overlap it. Never rejects.
 */
export async function runTick(host: TimerHost, order: TickOrder): Promise<TickEnd> {
  const { plan, key, id, slot, manual, shard } = order;
  const { clock, history, log, observer, pod } = host;
  const fields = { schedule: plan.name, function: plan.function, scheduledAt: isoOf(slot), invocationId: id };
  const sent: { at?: number; isRefused?: boolean } = {};
  const over = Promise.withResolvers<void>();
  const error = await invoke(host, order, sent, over.resolve);
  if (error && sent.isRefused && error.reason === 'timer-taken-over') {
    log.info(fields, 'tick was taken over by another pod');
    return { kind: 'taken' };
  }
  if (error && mayRepeat(error, order, sent)) {
    log.info(
      { ...fields, reason: error.reason, tries: order.tries + 1 },
      'tick could not be started and is tried again',
    );
    return { kind: 'again' };
  }
  const durationMs = sent.at === undefined ? 0 : Math.round((clock.now() - sent.at) * 10) / 10;
  const run: TimerRun = {
    scheduledAt: isoOf(slot),
    startedAt: sent.at === undefined ? null : isoOf(sent.at),
    durationMs,
    result: error ? 'error' : 'ok',
    ...(error ? { reason: error.reason, message: error.message } : {}),
    pod,
    manual,
    ...(shard ? { shard } : {}),
    invocationId: id,
  };
  if (error) log.warn({ ...fields, durationMs, manual, code: error.code, reason: error.reason }, 'timer run failed');
  observer.ran(plan.name, run.result);
  await history.add(key, run).catch((cause: unknown) => log.warn({ ...fields, err: cause }, 'timer run not recorded'));
  await over.promise;
  return { kind: 'over', run };
}

/** The same for a firing by hand, which is tried once. */
export async function runByHand(host: TimerHost, order: TickOrder): Promise<TimerRun> {
  const end = await runTick(host, order);
  if (end.kind === 'over') return end.run;
  throw new BottleError(Code.INTERNAL, 'internal', `a firing by hand is never ${end.kind}`);
}

/** A firing by hand in a pod that starts nothing. */
export function notOpen(name: string): BottleError {
  const message = `this pod does not run "${name}" at the moment: it drains, or the function is not ready`;
  return new BottleError(Code.UNAVAILABLE, 'timer-closed', message);
}

/** The function's or the platform's error; undefined when it went well. */
async function invoke(
  { carryEvent, clock, observer, signal }: TimerHost,
  { plan, id, slot, manual, shard = { index: 0, count: 1 }, payload, beforeDispatch }: TickOrder,
  sent: { at?: number; isRefused?: boolean },
  onOver: () => void,
): Promise<BottleError | undefined> {
  const { name, trigger, schedule } = plan;
  try {
    await carryEvent({
      id,
      function: plan.function,
      contentType: 'application/json',
      body: payload ?? Buffer.from(trigger.payloadJson),
      timeoutMs: 0,
      traceparent: '',
      baggage: '',
      caller: '',
      trigger: 'TRIGGER_KIND_TIMER',
      // Alternating name and value.
      attributes: Object.entries({
        schedule: name,
        scheduledAt: isoOf(slot),
        manual: String(manual),
        shardIndex: String(shard.index),
        shardCount: String(shard.count),
      }).flat(),
      async beforeDispatch() {
        sent.isRefused = true;
        await beforeDispatch?.();
        sent.isRefused = false;
        sent.at = clock.now();
        if (!manual) observer.late(Math.max(0, sent.at - schedule.dueAt(slot)) / 1_000);
      },
      onOver,
      signal,
    });
    return undefined;
  } catch (thrown) {
    return BottleError.from(thrown);
  }
}

/** A tick that the function never saw, or may see twice. */
function mayRepeat(
  error: BottleError,
  { plan, tries, manual }: TickOrder,
  sent: { at?: number; isRefused?: boolean },
): boolean {
  if (manual) return false;
  if (sent.isRefused) return true; // the store did not answer
  if (tries + 1 >= MAX_TRIES) return false;
  if (sent.at === undefined) return REPEATED.has(error.code);
  if (error.reason === 'overloaded' && error.details['started'] === false) return true;
  return plan.idempotent && error.reason === 'connection-lost';
}

/** Another pod may have the place or the function container that this one lacks. */
const REPEATED: ReadonlySet<Code> = new Set<Code>(['UNAVAILABLE', 'RESOURCE_EXHAUSTED']);

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
