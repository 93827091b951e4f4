import { describe, expect, it, vi } from 'vitest';
import type { Batch, Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Request__Output } from '../generated/bottle/v1/Request.ts';
import { createCodecs } from '../wire/codec.ts';
import { loadProtos } from '../load.ts';
import { BatchedCaller, type CallProgress, type Settled } from './batched-caller.ts';
import { BatchedResponder, type IncomingCall } from './batched-responder.ts';

const { batch: codec } = createCodecs(loadProtos().definition);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Both ends, joined by the real wire format. `hold` keeps what the caller writes from arriving. */
function joined(limits = {}) {
  const batches: number[] = [];
  const calls: IncomingCall[] = [];
  const errors: string[] = [];
  let held: (() => void)[] | undefined;
  const deliver = (to: { receive(batch: Batch__Output): void }) => ({
    write(batch: Batch, written: () => void) {
      const bytes = codec.encode(batch);
      batches.push(batch.frames?.length ?? 0);
      const arrive = (): void => to.receive(codec.decode(bytes));
      if (held) held.push(arrive);
      else setImmediate(arrive);
      setImmediate(written);
      return true;
    },
  });
  const responder: BatchedResponder = new BatchedResponder(deliver({ receive: (batch) => caller.receive(batch) }), {
    onCall: (call) => calls.push(call),
    onSession: () => {},
    onProtocolError: (reason) => errors.push(reason),
  });
  const caller: BatchedCaller = new BatchedCaller(deliver(responder), () => {}, limits);
  return {
    caller,
    responder,
    calls,
    batches,
    errors,
    hold() {
      held = [];
    },
    async release() {
      const waiting = held ?? [];
      held = undefined;
      for (const arrive of waiting) arrive();
      await turn();
    },
  };
}
const answered = async (calls: readonly IncomingCall[], count: number): Promise<void> => {
  for (let turns = 0; calls.length < count && turns < 50; turns++) await turn();
};

describe('the calling end', () => {
  it('1: settles each call once, with the response of its own id', async () => {
    const { caller, calls } = joined();
    const pending = Array.from({ length: 40 }, (_, index) => caller.call({ target: `f${index}` }));
    await answered(calls, 40);
    for (const call of calls.toReversed()) {
      call.respond({ value: { contentType: call.request.target } });
      call.respond({ value: { contentType: 'again' } });
    }
    const settled = await Promise.all(pending.map((call) => call.settled));
    expect(settled.map((result) => result.kind === 'response' && result.response.value?.contentType)).toEqual(
      pending.map((_, index) => `f${index}`),
    );
    expect(caller.pendingCount).toBe(0);
  });
  it('2: carries a cancel to the other side, and drops the answer that comes after', async () => {
    const { caller, calls } = joined();
    const call = caller.call({ target: 'f' });
    await answered(calls, 1);
    const reasons: string[] = [];
    for (const incoming of calls) incoming.onCancel = (reason) => reasons.push(reason);
    call.cancel('client-closed');
    call.cancel('deadline');
    expect(await call.settled).toEqual({ kind: 'cancelled', reason: 'client-closed' });
    await turn();
    await turn();
    await turn();
    expect([reasons, calls[0]?.cancelled]).toEqual([['client-closed'], 'client-closed']);
    calls[0]?.respond({});
    await turn();
    expect(caller.pendingCount).toBe(0);
  });
  it('3: refuses more calls, and more bytes, than it may hold', async () => {
    const few = joined({ maxPending: 2 });
    const [, , third] = [1, 2, 3].map(() => few.caller.call({ target: 'f' }));
    expect(await third?.settled).toMatchObject({ kind: 'refused', error: { reason: 'channel-full' } });
    const heavy = joined({ maxQueuedBytes: 1_000 });
    heavy.caller.call({ target: 'first', body: Buffer.alloc(10) });
    const large = [heavy.caller.call({ target: 'a', body: Buffer.alloc(2_000) }), heavy.caller.call({ target: 'b' })];
    expect(await large[1]?.settled).toMatchObject({ kind: 'refused' });
  });
  it('4: settles everything as lost, and knows what had been written', async () => {
    const { caller } = joined();
    const written = caller.call({ target: 'alone' });
    await turn();
    const queued = [caller.call({ target: 'a' }), caller.call({ target: 'b' })];
    caller.lose('gone');
    const results: Settled[] = await Promise.all([written, ...queued].map((call) => call.settled));
    expect(results).toEqual([
      { kind: 'lost', written: true, reason: 'gone' },
      { kind: 'lost', written: false, reason: 'gone' },
      { kind: 'lost', written: false, reason: 'gone' },
    ]);
    expect(await caller.call({ target: 'late' }).settled).toMatchObject({ kind: 'lost', written: false });
  });
  it('writes what comes in one turn as one batch, and a call without company at once', async () => {
    const { caller, batches } = joined();
    caller.call({ target: 'alone' });
    expect(batches).toEqual([1]);
    for (let index = 0; index < 31; index++) caller.call({ target: 'f' });
    await turn();
    await turn();
    expect(batches.slice(0, 2)).toEqual([1, 31]);
  });
});

describe('the answering end', () => {
  it('2: tells every call under way that the stream is lost', async () => {
    const { caller, responder, calls } = joined();
    for (let index = 0; index < 5; index++) caller.call({ target: 'f' });
    await answered(calls, 5);
    const told: string[] = [];
    for (const call of calls) call.onCancel = (reason) => told.push(reason);
    responder.lose('connection lost');
    expect(told).toEqual(Array.from({ length: 5 }, () => 'connection lost'));
  });
  it('3: takes an id that is under way, or 0, for a broken protocol', () => {
    const { responder, errors } = joined();
    const request: Request__Output = {
      target: 'f',
      invocationId: '',
      timeoutMs: 0,
      trigger: 'TRIGGER_KIND_EVENT',
      http: null,
      contentType: '',
      traceparent: '',
      baggage: '',
      caller: '',
      attributes: [],
      places: 0,
      body: Buffer.alloc(0),
    };
    responder.receive({
      frames: [
        { id: 3, request },
        { id: 3, request },
        { id: 0, request },
      ],
    });
    expect(errors).toHaveLength(2);
  });
});

describe('calls that are over when the other side says so', () => {
  /** What the calling end is told of one call. */
  function watched(told: string[]): CallProgress {
    return {
      started: () => void told.push('started'),
      over: () => void told.push('over'),
      lost: () => void told.push('lost'),
    };
  }
  function sayingOver() {
    const both = joined();
    both.caller.saysOver = true;
    both.responder.saysOver = true;
    return both;
  }

  it('are over with their answer', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    calls[0]?.respond({ value: {} });
    calls[0]?.started(); // it has been told with the answer
    expect((await call.settled).kind).toBe('response');
    expect([told, caller.pendingCount]).toEqual([['over'], 0]);
  });
  it('are told of when they have begun and have no answer yet', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    calls[0]?.started();
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(told).toEqual(['started']);
    calls[0]?.respond({ value: {} });
    await call.settled;
    expect(told).toEqual(['started', 'over']);
  });
  it('are behind others while these have not begun either', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const [first, second] = [caller.call({ target: 'f' }, watched(told)), caller.call({ target: 'f' }, watched(told))];
    await answered(calls, 2);
    expect([caller.isBehindOthers(first), caller.isBehindOthers(second)]).toEqual([false, true]);
    calls[0]?.started();
    await vi.waitFor(() => expect(told).toEqual(['started']));
    expect(caller.isBehindOthers(second)).toBe(false);
    calls[1]?.respond({ value: {} });
    await second.settled;
    expect(caller.isBehindOthers(second)).toBe(false);
  });
  it('settle when they are cancelled, and are over when nothing of them runs any more', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    call.cancel('deadline');
    expect(await call.settled).toEqual({ kind: 'cancelled', reason: 'deadline' });
    for (let turns = 0; turns < 5; turns++) await turn();
    expect([calls[0]?.cancelled, told, caller.pendingCount]).toEqual(['deadline', [], 1]);
    calls[0]?.respond({ value: {}, unfinished: true });
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(told).toEqual([]);
    calls[0]?.over();
    await vi.waitFor(() => expect([told, caller.pendingCount]).toEqual([['over'], 0]));
  });
  it('are over with an answer that comes after the cancel', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    call.cancel('client-closed');
    for (let turns = 0; turns < 5; turns++) await turn();
    calls[0]?.respond({ value: {} });
    await vi.waitFor(() => expect([told, caller.pendingCount]).toEqual([['over'], 0]));
  });
  it('settle with an unfinished answer, and are over later', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    calls[0]?.respond({ value: {}, streamed: true, unfinished: true });
    expect((await call.settled).kind).toBe('response');
    expect([told, caller.pendingCount]).toEqual([[], 1]);
    calls[0]?.over();
    await vi.waitFor(() => expect([told, caller.pendingCount]).toEqual([['over'], 0]));
  });
  it('are told to be over in few batches, although each ends in a turn of its own', async () => {
    const { caller, calls, batches } = sayingOver();
    const told: string[] = [];
    const pending = Array.from({ length: 300 }, () => caller.call({ target: 'f' }, watched(told)));
    await vi.waitFor(() => expect(calls.length).toBe(300));
    for (const call of pending) call.cancel('client-closed');
    for (let turns = 0; turns < 5; turns++) await turn();
    const before = batches.length;
    for (const call of calls) {
      call.over();
      await turn();
    }
    await vi.waitFor(() => expect(told.length).toBe(300));
    expect(batches.length - before).toBeLessThan(100);
  });
  it('are lost with the stream, those that have settled too', async () => {
    const { caller, calls } = sayingOver();
    const told: string[] = [];
    const [cancelled] = [caller.call({ target: 'f' }, watched(told)), caller.call({ target: 'f' }, watched(told))];
    await answered(calls, 2);
    cancelled.cancel('deadline');
    caller.lose('gone');
    expect([told, caller.pendingCount]).toEqual([['lost', 'lost'], 0]);
  });
  it('end with their cancel where the other side does not say so', async () => {
    const { caller, calls } = joined();
    const told: string[] = [];
    const call = caller.call({ target: 'f' }, watched(told));
    await answered(calls, 1);
    call.cancel('deadline');
    expect([told, caller.pendingCount]).toEqual([['over'], 0]);
  });
});
