// The load generator of the doors, a process of its own: a DoorOrder in, a DoorResult out, over IPC. Open loop: each request has a
// time at which it is sent, and its latency counts from then.
import { quantiles } from '../quantiles.ts';
import type { DoorAnswer } from './door.ts';
import type { DoorOrder, DoorResult } from './door-load.ts';
import { DOORS } from './doors.ts';

const TICK_MS = 1;
/** After the last request, for answers that are on their way. */
const LINGER_MS = 500;
const LATE_REFUSAL_MS = 50;

async function run({ door, ports, rate, durationMs, warmUpMs, deadlineMs }: DoorOrder): Promise<DoorResult> {
  const client = DOORS[door].open(ports, 'cpu');
  const startedAt = performance.now();
  const countFrom = startedAt + warmUpMs;
  const endsAt = countFrom + durationMs;
  const goodMs: number[] = [];
  const refusedMs: number[] = [];
  const forms: Record<string, number> = {};
  const others: Record<string, number> = {};
  const lateIds: string[] = [];
  let counted = 0;
  let settled = 0;

  function note(answer: DoorAnswer, tookMs: number): void {
    settled += 1;
    if (answer.kind === 'refused') {
      refusedMs.push(tookMs);
      forms[answer.form] = (forms[answer.form] ?? 0) + 1;
    } else if (answer.kind === 'good' && tookMs <= deadlineMs) {
      goodMs.push(tookMs);
    } else {
      const what = answer.kind === 'good' ? 'good, but too late' : answer.what;
      others[what] = (others[what] ?? 0) + 1;
      if (answer.kind === 'other' && answer.lateId !== undefined) lateIds.push(answer.lateId);
    }
  }

  async function send(dueAt: number): Promise<void> {
    const counts = dueAt >= countFrom;
    if (counts) counted += 1;
    const answer = await client.ask(deadlineMs);
    if (counts) note(answer, performance.now() - dueAt);
  }

  await new Promise<void>((resolve) => {
    let sent = 0;
    const ticker = setInterval(() => {
      const now = performance.now();
      const due = Math.floor(((Math.min(now, endsAt) - startedAt) / 1_000) * rate);
      for (; sent < due; sent++) void send(startedAt + (sent / rate) * 1_000);
      const isAnswered = settled === counted && now >= endsAt;
      if (!isAnswered && now < endsAt + deadlineMs + LINGER_MS) return;
      clearInterval(ticker);
      resolve();
    }, TICK_MS);
  });
  if (settled < counted) others['no answer'] = counted - settled;
  client.close();
  return {
    seconds: durationMs / 1_000,
    sent: counted,
    good: goodMs.length,
    goodMs: quantiles(goodMs),
    refused: refusedMs.length,
    refusedLate: refusedMs.filter((ms) => ms > LATE_REFUSAL_MS).length,
    refusedMs: quantiles(refusedMs),
    forms,
    others,
    lateIds,
  };
}

process.once('message', (order: DoorOrder) => {
  void run(order).then((result) => process.send?.(result, () => process.exit(0)));
});
process.once('disconnect', () => process.exit(1));
