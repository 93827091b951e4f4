import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryState, type SharedState } from '@bottle/capabilities';
import { BottleError, Code, FairTurns } from '@bottle/protos';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CarryEvent } from '../../event-invocation.ts';
import { OnceTimer } from './once-timer.ts';
import { PodPresence } from './pod-presence.ts';
import { samplePlan } from './sample-plan.ts';
import { SharedClock } from './shared-clock.ts';
import { TimerHistory } from './timer-history.ts';
import type { TimerHost } from './timer-host.ts';

const LEASE_MS = 300;
const KEY = 'shop:sample';

interface Pod {
  timer: OnceTimer;
  /** What this pod sent to its function. */
  sent: string[];
  beat(): Promise<void>;
}

type Carry = (event: Parameters<CarryEvent>[0], pod: Pod) => Promise<void>;

const pods: Pod[] = [];
let ids = 0;
afterEach(async () => {
  for (const { timer } of pods.splice(0)) await timer.close();
});

/** A pod whose way to the function is `carry`; without it, every tick is sent and comes to its end. */
async function startPod(
  name: string,
  state: SharedState,
  more: Parameters<typeof samplePlan>[1] = {},
  carry: Carry = send,
): Promise<Pod> {
  const clock = new SharedClock();
  const presence = new PodPresence({ state, clock, group: 'timer:pods', pod: name, leaseMs: LEASE_MS });
  await presence.beat();
  const host: TimerHost = {
    pod: name,
    leaseMs: LEASE_MS,
    state,
    clock,
    history: new TimerHistory(state),
    carryEvent: async (event) => {
      await carry(event, pod).finally(event.onOver);
      return {};
    },
    nextId: () => `${name}${(ids += 1)}`,
    observer: { ran: () => {}, late: () => {}, passed: () => {} },
    turns: new FairTurns(8),
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
  };
  const timer = new OnceTimer(host, await samplePlan({ everyMs: 100 }, more), { key: KEY, presence });
  const pod: Pod = {
    timer,
    sent: [],
    async beat() {
      const revision = await timer.refresh();
      await timer.beat({ present: await presence.beat(), revision });
    },
  };
  pods.push(pod);
  timer.setOpen(true);
  return pod;
}

const slotOf = ({ attributes = [] }: Parameters<CarryEvent>[0]): string =>
  attributes[attributes.indexOf('scheduledAt') + 1] ?? '';

const send: Carry = async (event, pod) => {
  await event.beforeDispatch?.();
  pod.sent.push(slotOf(event));
};

describe('a tick that was claimed', () => {
  it('is not sent when its pod was paused before it was started, and another took it over', async () => {
    const state = createMemoryState();
    const paused = Promise.withResolvers<void>();
    let isFirst = true;
    const sleepy = await startPod('a', state, {}, async (event, pod) => {
      if (isFirst) {
        isFirst = false;
        await paused.promise; // as long as its lease and more
      }
      await send(event, pod);
    });
    await vi.waitUntil(() => sleepy.timer.inFlight === 1);
    const other = await startPod('b', state);
    sleepy.timer.setOpen(false);
    await delay(LEASE_MS + 50);
    await other.beat();
    await vi.waitUntil(() => other.sent.length > 0);
    const [taken] = other.sent;
    paused.resolve();
    await vi.waitUntil(() => sleepy.timer.isSettled);
    expect(sleepy.sent).toEqual([]);
    expect(other.sent.filter((slot) => slot === taken)).toHaveLength(1);
  });

  it('and could not be started goes to a pod that can, once', async () => {
    const state = createMemoryState();
    const full = new BottleError(Code.UNAVAILABLE, 'queue-full', 'too many');
    const busy = await startPod('a', state, {}, () => Promise.reject(full));
    await vi.waitUntil(() => busy.timer.status().waiting === 1, { timeout: 10_000, interval: 5 });
    const waiting = busy.timer.status();
    const free = await startPod('b', state);
    await free.beat();
    await vi.waitUntil(() => free.sent.length > 2);
    expect(waiting.running).toEqual([]);
    expect(busy.sent).toEqual([]);
    expect(new Set(free.sent).size).toBe(free.sent.length);
  });

  it('by a write whose answer was lost is run all the same, once', async () => {
    const state = createMemoryState();
    let losses = 0;
    const lossy: SharedState = {
      ...state,
      async write(name, value, expected) {
        const answer = await state.write(name, value, expected);
        const isClaim = answer.written && value.includes('"started":false');
        if (isClaim && losses++ === 0) throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'no answer');
        return answer;
      },
    };
    const pod = await startPod('a', lossy);
    await vi.waitUntil(() => pod.sent.length >= 3, 5_000);
    expect(losses).toBeGreaterThan(1);
    expect(new Set(pod.sent).size).toBe(pod.sent.length);
  });

  it('is sent once although the answer to its start was lost', async () => {
    const state = createMemoryState();
    let losses = 0;
    const lossy: SharedState = {
      ...state,
      async write(name, value, expected) {
        const answer = await state.write(name, value, expected);
        if (answer.written && value.includes('"started":true') && losses++ === 0)
          throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'no answer');
        return answer;
      },
    };
    const pod = await startPod('a', lossy, { overlap: 'queue' });
    await vi.waitUntil(() => pod.sent.length >= 5, 5_000);
    const times = pod.sent.map((slot) => Date.parse(slot));
    expect(times.slice(1).map((time, at) => time - (times[at] ?? 0))).toEqual(Array(times.length - 1).fill(100));
  });
});

describe('two pods', () => {
  it('fire every slot once between them, for forty slots', async () => {
    const state = createMemoryState();
    const [a, b] = [await startPod('a', state, { overlap: 'allow' }), await startPod('b', state, { overlap: 'allow' })];
    const beating = setInterval(() => void Promise.all([a.beat(), b.beat()]), LEASE_MS / 3);
    await vi.waitUntil(() => a.sent.length + b.sent.length >= 40, 15_000);
    clearInterval(beating);
    const times = [...a.sent, ...b.sent].map((slot) => Date.parse(slot)).toSorted((x, y) => x - y);
    expect(times.slice(1).map((time, at) => time - (times[at] ?? 0))).toEqual(Array(times.length - 1).fill(100));
  });
});

describe('the history', () => {
  it('has the last fifty runs, the newest first, of whichever pod', async () => {
    const state = createMemoryState();
    const history = new TimerHistory(state);
    const run = { startedAt: null, durationMs: 1, result: 'ok', pod: 'a', manual: false, invocationId: '' } as const;
    for (let at = 0; at < 60; at++) await history.add(KEY, { ...run, scheduledAt: `${at}` });
    const runs = await history.list(KEY);
    expect([runs.length, runs[0]?.scheduledAt, runs[49]?.scheduledAt]).toEqual([50, '59', '10']);
  });
});
