// The short form of `npm run e2e:overload`: what holds on any machine, however busy; figures are for the whole one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { sample, scrapeInFlight } from './in-flight.ts';
import { runLoad } from './run-load.ts';

type StartedPod = Awaited<ReturnType<typeof TestPod.start>>;

interface Counted {
  running: Record<string, number>;
  most: Record<string, number>;
}

async function counted(pod: TestPod): Promise<Counted> {
  return (await (await fetch(`${pod.url}/counted`)).json()) as Counted;
}

function post(pod: TestPod, path: string, timeoutMs: number, body?: ReadableStream): Promise<Response> {
  const headers = { 'x-bottle-timeout-ms': String(timeoutMs) };
  const init: RequestInit & { duplex?: 'half' } = { method: 'POST', headers };
  return fetch(`${pod.url}${path}`, body ? { ...init, body, duplex: 'half' } : init);
}

const placesOf = async (pod: TestPod, name: string) => (await scrapeInFlight(pod)).get(name);
const FREE = { sidecar: 0, process: 0, abandoned: 0 };

describe.each(['true', 'false'])('a place, batching %s,', (batching) => {
  let pod: StartedPod;
  beforeAll(async () => {
    pod = await TestPod.start({ project: 'overload', sidecarArgs: ['--channel-batching', batching] });
  });
  afterAll(() => pod.end());

  it('is free when the function process says so, not when its caller was answered', async () => {
    const response = await post(pod, '/stubborn?ms=1500', 100);
    expect([response.status, ((await response.json()) as { reason: string }).reason]).toEqual([504, 'deadline']);
    expect(await placesOf(pod, 'stubborn')).toEqual({ sidecar: 1, process: 1, abandoned: 1 });
    expect((await counted(pod)).running['stubborn']).toBe(1);
    const { functions } = (await (await pod.admin('/functions')).json()) as {
      functions: { name: string; inFlight: number; abandoned: number }[];
    };
    expect(functions.find(({ name }) => name === 'stubborn')).toMatchObject({ inFlight: 1, abandoned: 1 });
    await waitFor(async () => (await counted(pod)).running['stubborn'] === 0, 10_000);
    expect(await placesOf(pod, 'stubborn')).toEqual(FREE);
  });
  it('that is taken so is not given to anybody else: the limit limits', async () => {
    expect((await post(pod, '/single?ms=1500', 100)).status).toBe(504);
    const refused = await post(pod, '/single?ms=1', 200);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ reason: 'overloaded', details: { started: false } });
    expect((await post(pod, '/single?ms=1', 20_000)).status).toBe(200);
    expect((await counted(pod)).most['single']).toBe(1);
    expect(await placesOf(pod, 'single')).toEqual(FREE);
  });
  it('of a client that has left is free when its code has ended', async () => {
    const controller = new AbortController();
    const leaving = fetch(`${pod.url}/stubborn?ms=1500`, { method: 'POST', signal: controller.signal });
    await waitFor(async () => (await counted(pod)).running['stubborn'] === 1, 10_000);
    controller.abort();
    await leaving.catch(() => {});
    await waitFor(async () => (await placesOf(pod, 'stubborn'))?.abandoned === 1, 10_000);
    expect(await placesOf(pod, 'stubborn')).toEqual({ sidecar: 1, process: 1, abandoned: 1 });
    await waitFor(async () => (await placesOf(pod, 'stubborn'))?.sidecar === 0, 10_000);
    expect((await counted(pod)).running['stubborn']).toBe(0);
  });
  it('of a request whose body streams is the same', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('part'));
        controller.close();
      },
    });
    expect((await post(pod, '/upload?ms=1500', 300, body)).status).toBe(504);
    expect(await placesOf(pod, 'upload')).toEqual({ sidecar: 1, process: 1, abandoned: 1 });
    await waitFor(async () => (await placesOf(pod, 'upload'))?.sidecar === 0, 10_000);
    expect(await placesOf(pod, 'upload')).toEqual(FREE);
  });
  it('of a response that streams is taken until it has ended', async () => {
    const response = await post(pod, '/streaming?ms=1000', 20_000);
    expect(await placesOf(pod, 'streaming')).toEqual({ sidecar: 1, process: 1, abandoned: 0 });
    expect(await response.text()).toBe('begun\ndone\n');
    await waitFor(async () => (await placesOf(pod, 'streaming'))?.sidecar === 0, 10_000);
    expect(await placesOf(pod, 'streaming')).toEqual(FREE);
  });
});

describe('a pod that gets too much', () => {
  let pod: StartedPod;
  beforeAll(async () => {
    pod = await TestPod.start({ project: 'overload', runtimeArgs: ['--blocked-ms', '1500'] });
  });
  afterAll(() => pod.end());

  it('says 504 to what began and did not end in time, and 503 to what waited behind it for all of its time', async () => {
    const blocking = post(pod, '/cpu?before=1000', 300);
    await waitFor(async () => (await placesOf(pod, 'cpu'))?.sidecar === 1, 10_000);
    const waiting = post(pod, '/other?wait=1', 300);
    expect((await blocking).status).toBe(504);
    expect([(await waiting).status, (await waiting).headers.get('retry-after')]).toEqual([503, '1']);
    expect(await (await waiting).json()).toMatchObject({ reason: 'overloaded' });
    await waitFor(async () => (await placesOf(pod, 'other'))?.sidecar === 0, 10_000);
  });
  it.each(['/cpu?before=5', '/cpu-ten?before=5'])(
    'does its work at %s, and is well when the load ends',
    async (path) => {
      const stop = sample(pod);
      const other = runLoad({
        port: pod.port,
        path: '/other?wait=20',
        headers: {},
        pace: { kind: 'closed', clients: 1 },
        warmUpMs: 0,
        durationMs: 3_000,
        deadlineMs: 10_000,
      });
      const result = await runLoad({
        port: pod.port,
        path,
        headers: { 'x-bottle-timeout-ms': '5000' },
        pace: { kind: 'open', rate: 700 },
        warmUpMs: 0,
        durationMs: 3_000,
        deadlineMs: 5_000,
      });
      const samples = await stop();
      expect(result.good).toBeGreaterThan(50);
      expect(result.refused).toBeGreaterThan(50);
      expect(result.withoutRetryAfter).toBe(0);
      const neverBegan = await fetch(`${pod.url}/begun`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(result.ids.late),
      });
      expect(await neverBegan.json()).toEqual([]); // no 504 for what never began
      expect(samples.scrapes).toBeGreaterThan(2);
      expect(samples.mismatches).toEqual([]);
      expect((await other).good).toBeGreaterThan(10);
      expect((await other).others).toEqual({});
      expect(pod.runtime.isRunning).toBe(true);
      await waitFor(async () => (await placesOf(pod, path.slice(1, path.indexOf('?'))))?.sidecar === 0, 10_000);
      expect((await post(pod, path, 10_000)).status).toBe(200);
    },
  );
  it('does not take many short invocations in a row for a blocked event loop', async () => {
    // All wait for the same moment, and then each computes: more than `--blocked-ms` in one turn of the event loop.
    const answers = Array.from({ length: 180 }, () => post(pod, '/mixed?wait=1000&after=20', 30_000));
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(100);
    expect(pod.runtime.isRunning).toBe(true);
    expect(pod.runtime.lines.some(({ msg }) => String(msg).includes('event loop blocked'))).toBe(false);
  });
  it('takes one that holds the event loop for blocked, and logs where it stands', async () => {
    const blocked = post(pod, '/cpu?before=20000', 30_000).catch(() => undefined);
    const { stack } = await pod.runtime.said('event loop blocked, ending the process');
    expect(JSON.stringify(stack)).toContain('work.ts');
    expect((await blocked)?.status).toBe(503);
  });
});

describe('code that never ends', () => {
  it('is logged, and ends the process when it has all places of a function', async () => {
    const pod = await TestPod.start({ project: 'overload', runtimeArgs: ['--stuck-ms', '500'] });
    try {
      expect((await post(pod, '/endless', 100)).status).toBe(504);
      const { function: name } = await pod.runtime.said(
        'an invocation that was given up does not end, and keeps its place',
      );
      expect(name).toBe('endless');
      expect(await pod.runtime.exit()).toBe(70);
    } finally {
      await pod.end();
    }
  });
});

describe('a schedule', () => {
  it('does not overlap a run that was given up and goes on', async () => {
    const pod = await TestPod.start({ project: 'overload' });
    try {
      const fire = (): Promise<Response> => pod.admin('/timers/tick/fire', { method: 'POST' });
      const first = fire();
      await waitFor(async () => (await placesOf(pod, 'tick'))?.abandoned === 1, 10_000);
      expect(await (await fire()).text()).toContain('timer-busy');
      expect(await (await first).json()).toMatchObject({ result: 'error', reason: 'deadline' });
      expect((await counted(pod)).running['tick']).toBe(0);
      expect((await fire()).ok).toBe(true);
      expect((await counted(pod)).most['tick']).toBe(1);
    } finally {
      await pod.end();
    }
  });
});
