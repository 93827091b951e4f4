import { createMessageCodecs, DELIVERY_TYPE, type PendingMessage, type Request__Output } from '@bottle/protos';
import { describe, expect, it, vi } from 'vitest';
import type { EncodedResult } from './encode-result.ts';
import type { Cancellation } from './invoker.ts';
import { MessagePacks } from './message-packs.ts';
import type { ReceivedMessage } from './received-message.ts';

const codecs = createMessageCodecs();
const FAILURE = { code: 13, reason: 'boom', message: 'no', detailsJson: '', httpStatus: 0 };
const ID = 'ae3b1495da0f0ee100000000fffffffe';

interface Run {
  value: unknown;
  request: Request__Output;
  cancelled: string | undefined;
  end(error?: typeof FAILURE): void;
}

class Bench {
  readonly runs: Run[] = [];
  readonly packs: MessagePacks;

  constructor(lingerMs = 60_000) {
    this.packs = new MessagePacks((...args) => this.#run(...args), lingerMs);
  }

  #run(request: Request__Output, cancellation: Cancellation, { value }: ReceivedMessage): Promise<EncodedResult> {
    const { promise, resolve } = Promise.withResolvers<EncodedResult>();
    const run: Run = {
      value,
      request,
      cancelled: undefined,
      end: (error) => resolve({ response: error ? { error } : { value: {} }, bytes: Buffer.alloc(0) }),
    };
    cancellation.onCancel = (reason) => {
      run.cancelled = reason;
      run.end({ ...FAILURE, reason: 'cancelled' });
    };
    this.runs.push(run);
    return promise;
  }

  async begun(count: number): Promise<void> {
    await vi.waitUntil(() => this.runs.length === count, { interval: 1, timeout: 5_000 });
  }

  /** What the answer names: "1 boom" for a failure, "1" for what has not ended. */
  async send(texts: readonly string[], cancellation: Cancellation = { onCancel: undefined }): Promise<string[]> {
    const messages = texts.map((text, at) => ({
      record: {
        partition: 0,
        offset: BigInt(at),
        key: undefined,
        value: Buffer.from(text),
        headers: [{ name: 'traceparent', value: Buffer.from(`00-${at}`) }],
        timestampMs: 1,
      },
      attempt: at + 1,
    }));
    return this.#answer(
      await this.packs.serve(requestOf(codecs.encodeDelivery({ topic: 't', messages })), cancellation, () => {}),
    );
  }

  async ask(pending: PendingMessage, cancellation: Cancellation = { onCancel: undefined }): Promise<string[]> {
    const body = codecs.encodeDelivery({ topic: 't', messages: [], pending });
    return this.#answer(await this.packs.serve(requestOf(body), cancellation, () => {}));
  }

  #answer({ response, bytes }: EncodedResult): string[] {
    if (response.error) return [response.error.reason ?? ''];
    return codecs.decodeFailures(bytes).map(({ index, error }) => `${index} ${error?.reason ?? ''}`.trim());
  }
}

function requestOf(body: Buffer): Request__Output {
  return {
    target: 'f',
    invocationId: ID,
    timeoutMs: 1_000,
    trigger: 'TRIGGER_KIND_MQ',
    http: null,
    contentType: DELIVERY_TYPE.pack,
    traceparent: '',
    baggage: '',
    caller: '',
    attributes: ['topic', 't'],
    places: 0,
    body,
  };
}

describe('the messages of a pack', () => {
  it('run at the same time, each as an invocation of its own', async () => {
    const bench = new Bench();
    const answer = bench.send(['1', '2', '3']);
    await bench.begun(3);
    const requests = bench.runs.map(({ request }) => request);
    expect(requests.map(({ invocationId }) => invocationId.slice(16))).toEqual([
      '00000000fffffffe',
      '00000000ffffffff',
      '0000000000000000',
    ]);
    expect(requests.map(({ traceparent }) => traceparent)).toEqual(['00-0', '00-1', '00-2']);
    expect(requests[1]?.attributes).toEqual(['topic', 't', 'attempt', '2']);
    bench.runs[0]?.end();
    bench.runs[1]?.end(FAILURE);
    bench.runs[2]?.end();
    expect(await answer).toEqual(['1 boom']);
  });
  it('that cannot be read fail without a run', async () => {
    const bench = new Bench();
    const answer = bench.send(['{', '2']);
    await bench.begun(1);
    bench.runs[0]?.end();
    expect(await answer).toEqual(['0 invalid-json']);
    expect(await bench.send(['{'])).toEqual(['0 invalid-json']);
  });
  it('that take long are named in the answer, and asked for one by one', async () => {
    const bench = new Bench(50);
    const answer = bench.send(['1', '2', '3']);
    await bench.begun(3);
    bench.runs[1]?.end(FAILURE);
    expect(await answer).toEqual(['0', '1 boom', '2']);
    const first = bench.ask({ of: ID, index: 0 });
    bench.runs[0]?.end(FAILURE);
    bench.runs[2]?.end();
    expect(await first).toEqual(['0 boom']);
    expect(await bench.ask({ of: ID, index: 2 })).toEqual([]);
  });
  it('are unknown to another process, and once they were asked for', async () => {
    const bench = new Bench(50);
    expect(await bench.ask({ of: ID, index: 0 })).toEqual(['no-delivery']);
    const answer = bench.send(['1']);
    await bench.begun(1);
    expect(await answer).toEqual(['0']);
    bench.runs[0]?.end();
    expect(await bench.ask({ of: ID, index: 0 })).toEqual([]);
    expect(await bench.ask({ of: ID, index: 0 })).toEqual(['no-delivery']);
  });
  it('are cancelled with the request that waits for them', async () => {
    const bench = new Bench();
    const ofPack: Cancellation = { onCancel: undefined };
    const answer = bench.send(['1', '2'], ofPack);
    await bench.begun(2);
    ofPack.onCancel?.('deadline');
    expect(await answer).toEqual(['0 cancelled', '1 cancelled']);
    expect(bench.runs.map(({ cancelled }) => cancelled)).toEqual(['deadline', 'deadline']);
  });
  it('are cancelled one by one when they are asked for one by one', async () => {
    const bench = new Bench(1);
    const answer = bench.send(['1']);
    await bench.begun(1);
    expect(await answer).toEqual(['0']);
    const ofOne: Cancellation = { onCancel: undefined };
    const asked = bench.ask({ of: ID, index: 0 }, ofOne);
    ofOne.onCancel?.('shutdown');
    expect(await asked).toEqual(['0 cancelled']);
  });
  it('are all waited for while the container stops', async () => {
    const bench = new Bench(1);
    bench.packs.isLeaving = true;
    const answer = bench.send(['1']);
    await new Promise((resolve) => setTimeout(resolve, 30));
    bench.runs[0]?.end();
    expect(await answer).toEqual([]);
  });
  it('begin pack by pack, when the answer to the one before is on its way', async () => {
    const bench = new Bench();
    const answers = [bench.send(['1']), bench.send(['2']), bench.send(['3'])];
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(bench.runs.map(({ value }) => value)).toEqual([1]);
    await bench.begun(3);
    expect(bench.runs.map(({ value }) => value)).toEqual([1, 2, 3]);
    for (const run of bench.runs) run.end();
    expect(await Promise.all(answers)).toEqual([[], [], []]);
  });
});
