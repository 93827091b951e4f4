import { createMemoryCache } from '@bottle/capabilities';
import { BottleError, Code, fromWireError, type Response__Output } from '@bottle/protos';
import { beforeEach, describe, expect, it } from 'vitest';
import { Invocation, type Loaded, type Outcome, type Target } from '../layer.ts';
import { decodeEntry, encodeEntry, type Entry } from './stored-answer.ts';
import { Idempotency } from './idempotency.ts';

const RULE = { key: 'key', ttlMs: '60000', resource: 'idempotency' };

function loadedEvent(key: string | undefined, payload = 'p', trigger: 'MQ' | 'GATEWAY' = 'MQ'): Loaded {
  const target: Target = {
    kind: 'event',
    function: 'f',
    contentType: '',
    trigger: `TRIGGER_KIND_${trigger}`,
    idempotency: { rule: RULE, scope: 'orders/g', key, payload: Buffer.from(payload), credentials: '' },
  };
  const loadedBody = { kind: 'bytes' as const, bytes: Buffer.from(`envelope of ${payload}, ${Math.random()}`) };
  const body = { read: () => loadedBody, abandon: () => {} };
  const info = {
    name: 'f',
    handler: '',
    state: 'FUNCTION_STATE_READY' as const,
    stateReason: '',
    stateReportJson: '',
    timeoutMs: 1_000,
    concurrency: 1,
    idempotent: false,
    uses: [],
    usesDeclared: false,
    mq: [],
    timers: [],
    rpc: [],
    cloudEvents: [],
    gateway: [],
    http: [],
  };
  const invocation = new Invocation({ id: 'i', target, body });
  const routed = { invocation, function: info, params: [], route: '', timeoutMs: 1_000, streamsBody: false };
  return { ...routed, cors: undefined, idempotency: RULE, loadedBody };
}

function response(text: string): Response__Output {
  const head = {
    outcome: 'value' as const,
    value: { contentType: 'text/plain' },
    streamed: false,
    unfinished: false,
    ticket: '',
  };
  return { ...head, metadata: [], trailer: [], body: Buffer.from(text) };
}

describe('Idempotency', () => {
  let runs: number;
  let idempotency: Idempotency;
  const create = (maxWaitingPerFunction = 100): Idempotency => {
    const cache = createMemoryCache();
    let ids = 0;
    return new Idempotency({
      openCache: async () => cache,
      service: () => 'shop',
      nextId: () => String(++ids),
      maxWaitingPerFunction,
      observe: () => {},
      log: { warn: () => {}, error: () => {} },
    });
  };
  beforeEach(() => {
    runs = 0;
    idempotency = create();
  });
  /** What the event is answered; `work` is what the function does. */
  async function carry(loaded: Loaded, work: () => Promise<string> | string = () => `run ${runs}`): Promise<string> {
    const seen: Outcome[] = [];
    const run = async (_loaded: Loaded, respond: (outcome: Outcome) => Promise<void> | void): Promise<void> => {
      runs += 1;
      await respond({ response: response(await work()) });
    };
    await idempotency.answer(loaded, RULE, (outcome) => void seen.push(outcome), run);
    const [{ response: answer } = { response: response('nothing') }] = seen;
    if (answer.error) throw fromWireError(answer.error);
    return answer.body.toString();
  }
  const reasonOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'answered',
      (error: unknown) => (error as BottleError).reason,
    );

  it('knows a message that comes again by its payload, whatever its envelope says', async () => {
    expect(await carry(loadedEvent('k'))).toBe('run 1');
    expect(await carry(loadedEvent('k'))).toBe('run 1');
    expect(await carry(loadedEvent('other'))).toBe('run 2');
    expect(runs).toBe(2);
  });
  it('refuses an event without its key, and a key with another payload, without running', async () => {
    await carry(loadedEvent('k'));
    expect(await reasonOf(carry(loadedEvent(undefined)))).toBe('idempotency-key-missing');
    expect(await reasonOf(carry(loadedEvent('k', 'another')))).toBe('idempotency-key-reused');
    expect(runs).toBe(1);
  });
  it('runs a message again that failed, whatever the error; a gateway request only after errors that pass', async () => {
    const fail = (code: Code) => (): Promise<string> => Promise.reject(new BottleError(code, 'failed', 'no'));
    for (const code of [Code.NOT_FOUND, Code.UNAVAILABLE]) {
      expect(await reasonOf(carry(loadedEvent('mq'), fail(code)))).toBe('failed');
      expect(await reasonOf(carry(loadedEvent(`gateway ${code}`, 'p', 'GATEWAY'), fail(code)))).toBe('failed');
    }
    runs = 0;
    expect(await carry(loadedEvent('mq'))).toBe('run 1');
    expect(await carry(loadedEvent('gateway UNAVAILABLE', 'p', 'GATEWAY'))).toBe('run 2');
    expect(await reasonOf(carry(loadedEvent('gateway NOT_FOUND', 'p', 'GATEWAY')))).toBe('failed');
    expect(runs).toBe(2);
  });
  it('bounds how many repeats wait', async () => {
    idempotency = create(2);
    const gate = Promise.withResolvers<string>();
    const first = carry(loadedEvent('k'), () => gate.promise);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const repeats = [1, 2, 3, 4].map(() => reasonOf(carry(loadedEvent('k'))));
    await expect(Promise.any(repeats)).resolves.toBe('repeats-full');
    gate.resolve('done');
    expect(await first).toBe('done');
    expect((await Promise.all(repeats)).sort()).toEqual(['answered', 'answered', 'repeats-full', 'repeats-full']);
  });
  it('lets one of those who wait run when the first one fails, one at a time', async () => {
    const gate = Promise.withResolvers<string>();
    let atOnce = 0;
    const first = reasonOf(carry(loadedEvent('k'), () => gate.promise));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const repeats = Array.from({ length: 20 }, () =>
      carry(loadedEvent('k'), async () => {
        expect(++atOnce).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return 'second';
      }),
    );
    gate.reject(new BottleError(Code.UNAVAILABLE, 'failed', 'no'));
    expect(await first).toBe('failed');
    expect(new Set(await Promise.all(repeats))).toEqual(new Set(['second']));
    expect(runs).toBe(2);
  });
});

describe('an entry', () => {
  it.each<Entry>([
    { state: 'running', print: 'p', owner: 'o' },
    { state: 'done', print: 'p', answer: { kind: 'unkept' } },
    {
      state: 'done',
      print: 'p',
      answer: { kind: 'http', status: 201, headers: ['x', 'ü'], body: Buffer.of(0, 10, 255) },
    },
    {
      state: 'done',
      print: 'p',
      answer: { kind: 'value', contentType: 'a/b', metadata: ['m', '1'], trailer: [], body: Buffer.alloc(0) },
    },
  ])('comes back from its bytes as it was: %o', (entry) => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });
});
