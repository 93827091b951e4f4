import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadServiceDefinition } from '@bottle/protos';
import { type Client, credentials, makeGenericClientConstructor, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';

let directory: string;
let executedFile: string;
let pod: Awaited<ReturnType<typeof TestPod.start>>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bt-o-'));
  executedFile = join(directory, 'executed');
  writeFileSync(executedFile, '');
  const config = join(directory, 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ dataDir: join(directory, 'data'), rpc: { port: 0, host: '127.0.0.1' } }));
  pod = await TestPod.start({
    project: 'once',
    sidecarArgs: ['--config', config],
    env: { EXECUTED_FILE: executedFile },
  });
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

const noted = (): string[] => readFileSync(executedFile, 'utf8').split('\n').slice(0, -1);
const timesOf = (line: string): number => noted().filter((each) => each === line).length;

describe('a queue with an idempotency rule', () => {
  const send = (messages: object[]): Promise<Response> =>
    fetch(`${pod.url}/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(messages),
    });
  /** All messages before this one are over when it is: they have the same key, and so the same order. */
  const last = (key: string): object => ({ key, value: { name: `last ${key}` } });

  it('processes a message that was published twice once', async () => {
    const message = { key: 'twice', value: { name: 'twice' } };
    await send([message, message, { key: 'other', value: { name: 'other' } }, message]);
    await waitFor(() => timesOf('twice') > 0 && timesOf('other') > 0, 20_000);
    await send([last('twice')]);
    await waitFor(() => timesOf('buried last twice idempotency-key-reused') === 1, 20_000);
    expect([timesOf('twice'), timesOf('other'), timesOf('last twice')]).toEqual([1, 1, 0]);
  });

  it('tries a message again that failed, whatever the error, and then no more', async () => {
    const message = { key: 'retried', value: { name: 'retried', fails: true } };
    await send([message, message, last('retried')]);
    await waitFor(() => timesOf('buried last retried idempotency-key-reused') === 1, 20_000);
    expect(timesOf('retried')).toBe(2);
  });

  it('buries a message without the key, without a call', async () => {
    await send([{ value: { name: 'keyless' } }]);
    await waitFor(() => timesOf('buried keyless idempotency-key-missing') === 1, 20_000);
    expect(timesOf('keyless')).toBe(0);
  });
});

describe('a gRPC method with an idempotency rule', () => {
  interface Answer {
    number?: string;
    error?: ServiceError;
    metadata?: Metadata;
    trailer?: Metadata;
  }
  let client: Client & Record<string, unknown>;
  beforeAll(async () => {
    const proto = join(ROOT, 'e2e/functions/once/protos/till.proto');
    const Till = makeGenericClientConstructor(loadServiceDefinition(proto, 'till.v1.Till', []), 'Till');
    const { rpcPort } = await pod.sidecar.said('rpc port listens');
    client = new Till(`127.0.0.1:${String(rpcPort)}`, credentials.createInsecure());
  });
  afterAll(() => client.close());

  function pay(payment: object, entries: Record<string, string>): Promise<Answer> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
    return new Promise((resolve) => {
      const answer: Answer = {};
      const method = client['pay'] as (...args: unknown[]) => NodeJS.EventEmitter;
      const call = method.call(client, payment, metadata, (error: ServiceError | null, receipt?: Answer) => {
        if (error) answer.error = error;
        else answer.number = String(receipt?.number);
        setImmediate(resolve, answer);
      });
      call.on('metadata', (received: Metadata) => (answer.metadata = received));
      call.on('status', ({ metadata: trailer }: { metadata: Metadata }) => (answer.trailer = trailer));
    });
  }
  const key = (value: string): Record<string, string> => ({ 'idempotency-key': value });

  it('runs concurrent and later repeats once; they get its answer, its trailer, and know that they are repeats', async () => {
    const payment = { orderId: 'o-1', cents: 5 };
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(payment, key('a'))));
    answers.push(await pay(payment, key('a')));
    expect(new Set(answers.map(({ number }) => number)).size).toBe(1);
    expect(answers.every(({ trailer }) => trailer?.get('till')[0] === '7')).toBe(true);
    expect(answers.filter(({ metadata }) => metadata?.get('idempotency-replayed')[0] === 'true')).toHaveLength(20);
    expect(timesOf('o-1')).toBe(1);
  });

  it('keeps errors that repeating does not change, and runs again for another key', async () => {
    const payment = { orderId: 'o-2', cents: -5 };
    for (const each of ['a', 'a', 'b']) {
      const { error } = await pay(payment, key(each));
      expect(error?.details).toBe('no money back');
    }
    expect(timesOf('o-2')).toBe(2);
  });

  it('refuses a call without the key, with a used one, and from somebody else', async () => {
    const payment = { orderId: 'o-3', cents: 5 };
    const reasonOf = async (entries: Record<string, string>, cents = 5): Promise<string | undefined> =>
      (await pay({ ...payment, cents }, entries)).error?.details;
    expect(await reasonOf({})).toMatch(/idempotency key is required/);
    expect((await pay({ cents: 5 }, key('a'))).error?.details).toMatch(/idempotency key is required/);
    expect(await reasonOf({ ...key('a'), authorization: 'Bearer a' })).toBeUndefined();
    expect(await reasonOf({ ...key('a'), authorization: 'Bearer a' }, 6)).toMatch(/belongs to another request/);
    expect(await reasonOf({ ...key('a'), authorization: 'Bearer b' })).toMatch(/belongs to another request/);
    expect(timesOf('o-3')).toBe(1);
  });
});
