// What a client of each kind of trigger gets when its function has no place left, and nobody may wait for one.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { waitFor } from '../harness/pod.ts';
import { DOOR_NAMES, DOORS, type DoorKind } from './doors/doors.ts';
import { publish } from './doors/publisher.ts';
import { scrapeQueue } from './doors/queue-samples.ts';
import { type DoorsStage, openDoors } from './doors/stage.ts';
import type { StartedPod } from './stage.ts';

/** Of four partitions: 500 that are not finished, and the last fetch. */
const MAX_FETCHED = 4 * (500 + 256);
const NOBODY_WAITS = ['--queue-max-waiting-per-function', '0'];

const post = (pod: StartedPod, path: string): Promise<Response> => fetch(pod.url + path, { method: 'POST' });

/** Takes the only place of a function; the answer comes when it was let go. */
async function hold(pod: StartedPod, name: string): Promise<{ letGo(): Promise<number> }> {
  const before = pod.runtime.lines.length;
  const isHeld = (): boolean =>
    pod.runtime.lines.slice(before).some(({ msg, function: by }) => msg === 'held' && by === name);
  let isRefused = false;
  const ask = (): Promise<Response> =>
    post(pod, `/${name}?hold`).then((response) => {
      isRefused = response.status !== 200;
      return response;
    });
  let holding = ask();
  await waitFor(() => {
    if (isRefused) holding = ask(); // a tick has it just now
    isRefused = false;
    return isHeld();
  }, 10_000);
  return {
    async letGo() {
      await post(pod, `/let-go/${name}`);
      return (await holding).status;
    },
  };
}

describe.each(DOOR_NAMES)('a request that finds no place, by %s,', (name) => {
  const { open, refusal, sidecarArgs = [] }: DoorKind = DOORS[name];
  let stage: DoorsStage;
  beforeAll(async () => {
    stage = await openDoors([...NOBODY_WAITS, ...sidecarArgs]);
  });
  afterAll(() => stage?.end());

  it(`is answered ${refusal}, and served when there is one`, async () => {
    const { pod, ports } = stage;
    const { letGo } = await hold(pod, 'narrow');
    const door = open(ports, 'narrow');
    try {
      expect(await door.ask(10_000)).toEqual({ kind: 'refused', form: refusal });
      expect(await letGo()).toBe(200);
      // A tick of its schedule may have the place just now.
      await waitFor(async () => (await door.ask(10_000)).kind === 'good', 10_000);
    } finally {
      door.close();
    }
  });
});

describe('without a place', () => {
  let stage: DoorsStage;
  let pod: StartedPod;
  let held: Awaited<ReturnType<typeof hold>> | undefined;
  beforeAll(async () => {
    stage = await openDoors(NOBODY_WAITS);
    pod = stage.pod;
  });
  afterEach(async () => {
    await held?.letGo();
    held = undefined;
  });
  afterAll(() => stage?.end());

  it('a function that calls another one learns that it has not begun', async () => {
    held = await hold(pod, 'narrow');
    const answer = await json(post(pod, '/complain?of=narrow'));
    expect(answer).toMatchObject({ code: 'UNAVAILABLE', reason: 'overloaded', details: { started: false } });
  });
  it('a batch of CloudEvents is answered so that its sender tries again', async () => {
    held = await hold(pod, 'narrow');
    const events = ['a', 'b'].map((id) => ({ specversion: '1.0', id, source: '/doors', type: 'doors.narrow' }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const answer = await fetch(`${pod.url}/events`, { method: 'POST', headers, body: JSON.stringify(events) });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    const { details } = await json<{ details: { failures: object[] } }>(answer);
    expect(details.failures).toMatchObject([
      { id: 'a', status: 503, reason: 'overloaded', details: { started: false } },
      { id: 'b', status: 503, reason: 'overloaded', details: { started: false } },
    ]);
  });
  it('a message waits, and is then handed over as its first attempt', async () => {
    held = await hold(pod, 'narrow');
    expect(await publish(pod, 'narrow', { from: 0, count: 1 })).toBe(true);
    await waitFor(async () => (await scrapeQueue(pod, 'narrow')).excused > 1, 10_000);
    expect(await scrapeQueue(pod, 'narrow')).toMatchObject({ failed: 0, done: 0, deadLettered: 0 });
    await held.letGo();
    await waitFor(async () => (await scrapeQueue(pod, 'narrow')).done === 1, 10_000);
    expect(await scrapeQueue(pod, 'narrow')).toMatchObject({ failed: 0, deadLettered: 0, lag: 0 });
    expect(await json(fetch(`${pod.url}/consumed/narrow`))).toEqual({ done: 1, again: 0, laterAttempts: 0 });
  });
  it('a consumer fetches a bounded number of messages, however many there are', async () => {
    held = await hold(pod, 'narrow');
    expect(await publish(pod, 'narrow', { from: 10, count: 5_000 })).toBe(true);
    await waitFor(async () => (await scrapeQueue(pod, 'narrow')).excused > 5, 10_000);
    const { unfinished, inFlight } = await scrapeQueue(pod, 'narrow');
    expect(unfinished).toBeLessThanOrEqual(MAX_FETCHED);
    expect(inFlight).toBeLessThanOrEqual(16);
  });
  it('a tick is tried again, and runs once', async () => {
    held = await hold(pod, 'ticking');
    const { scheduledAt } = await pod.sidecar.line(
      ({ msg, schedule, reason }) =>
        msg === 'tick could not be started and is tried again' && schedule === 'ticking' && reason === 'overloaded',
    );
    await held.letGo();
    const runsOf = async (): Promise<{ result: string }[]> => {
      const { runs } = await json<{ runs: { scheduledAt: string; result: string }[] }>(pod.admin('/timers/ticking'));
      return runs.filter((run) => run.scheduledAt === scheduledAt);
    };
    await waitFor(async () => (await runsOf()).length > 0, 10_000);
    expect(await runsOf()).toMatchObject([{ result: 'ok' }]);
  });
});

describe('calls of functions', () => {
  it('wait in the sidecar for their turn to begin, not in the function process', async () => {
    const { pod, end } = await openDoors();
    try {
      const ask = (): Promise<number> => post(pod, '/ask').then(({ status }) => status);
      for (let at = 0; at < 20; at++) expect(await ask()).toBe(200); // how fast it begins is known now
      let mostWaiting = 0;
      const asking = Promise.all(Array.from({ length: 150 }, ask));
      let isOver = false;
      void asking.finally(() => (isOver = true));
      while (!isOver) {
        const metrics = await (await pod.admin('/metrics')).text();
        mostWaiting = Math.max(
          mostWaiting,
          Number(/^bottle_waiting\{function="cpu"\} (\d+)$/m.exec(metrics)?.[1] ?? 0),
        );
      }
      expect(new Set(await asking)).toEqual(new Set([200]));
      expect(mostWaiting).toBeGreaterThan(20);
    } finally {
      await end();
    }
  });
});
