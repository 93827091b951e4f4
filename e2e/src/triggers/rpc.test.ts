import { once } from 'node:events';
import { connect } from 'node:http2';
import { type ServiceError, status } from '@grpc/grpc-js';
import { decodeRichStatus, STATUS_DETAILS_TRAILER } from '@bottle/protos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { DepotClient } from './depot.ts';

let pod: TestPod & { sidecar: TestProcess; runtime: TestProcess };
let depot: DepotClient;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'rpc', sidecarArgs: ['--limits-max-body-bytes', '2000000'] });
  depot = new DepotClient(`127.0.0.1:${await pod.untilRpc(pod.sidecar)}`);
});
afterAll(async () => {
  depot?.close();
  await pod?.end();
});

/** The error that a call fails with. */
async function failureOf(method: string, message: object, options = {}): Promise<ServiceError> {
  const failed = await depot.call(method, message, options).then(
    () => undefined,
    (error: unknown) => error as ServiceError,
  );
  if (!failed) throw new Error(`${method} did not fail`);
  return failed;
}
const detailsOf = ({ metadata }: Pick<ServiceError, 'metadata'>) =>
  decodeRichStatus(metadata.get(STATUS_DETAILS_TRAILER)[0] as Buffer);
const streamsSeen = async () => (await depot.call('Seen')).streams;

describe('a unary method', () => {
  it('gets and gives every kind of field', async () => {
    const item = {
      itemId: 'lamp',
      count: '9007199254740993',
      picture: Buffer.from([0, 255]),
      colour: 'COLOUR_RED',
      tags: ['a', ''],
      perShelf: { top: 3 },
      countedAt: { seconds: '1700000000', nanos: 5 },
      note: '',
      weight: 1.5,
      inside: { itemId: 'box' },
    };
    const answer = await depot.call('Echo', item);
    expect(answer).toMatchObject(item);
    expect(answer['place']).toBe('inside');
  });
  it('gets and gives messages larger than a frame of the channel', async () => {
    const picture = Buffer.alloc(1_500_000, 5);
    const { picture: returned } = await depot.call('Echo', { picture });
    expect(returned.equals(picture)).toBe(true);
  });
  it('refuses larger messages than it may, either way', async () => {
    const tooLarge = await failureOf('Echo', { picture: Buffer.alloc(3_000_000) });
    expect(tooLarge.code).toBe(status.RESOURCE_EXHAUSTED);
    const result = await failureOf('Act', { what: 'large 3000000' });
    expect(result.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(detailsOf(result)?.reason).toBe('result-too-large');
  });
  it('sees the call’s metadata, trace, baggage, peer and deadline, and answers with metadata of its own', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const metadata = {
      traceparent,
      baggage: 'tenant=acme',
      'x-one': ['1', '2'],
      'x-bytes-bin': Buffer.from([1, 255]),
      authorization: 'Bearer x',
    };
    const { answer, head, trailer } = await depot.whole('Facts', {}, { metadata, timeoutMs: 3_000 });
    expect(answer).toMatchObject({
      service: 'depot.v1.Depot',
      method: 'Facts',
      trigger: 'rpc',
      traceparent,
      baggage: 'tenant=acme',
    });
    expect(answer.metadata).toMatchObject({ 'x-one': '1, 2', 'x-bytes-bin': '01ff', authorization: 'Bearer x' });
    expect(Object.keys(answer.metadata).filter((name) => /^(grpc-|:|te$|content-type)/.test(name))).toEqual([]);
    expect(Number(answer.remainingMs)).toBeGreaterThan(1_000);
    expect(Number(answer.remainingMs)).toBeLessThanOrEqual(3_000);
    expect(head?.get('x-head')).toEqual(['one, two']);
    expect(head?.get('x-head-bin')).toEqual([Buffer.from([0, 255])]);
    expect(trailer.get('x-tail')).toEqual(['last']);
    expect(trailer.get('x-request-id')).toEqual([expect.stringMatching(/^.{16,}$/)]);
  });
  it.each(Object.entries(status).filter(([code, number]) => typeof number === 'number' && code !== 'OK'))(
    'fails with %s where its function does, with reason, details and trailer',
    async (code, number) => {
      const error = await failureOf('Act', { what: `fail ${code}` });
      expect(error).toMatchObject({ code: number, details: `told to: ${code} – ünïcode` });
      expect(error.metadata.get('x-tail')).toEqual(['after the error']);
      expect(detailsOf(error)).toEqual({
        reason: 'told-to',
        domain: 'depot',
        metadata: { left: '3', item: 'lamp' },
        violations: [],
      });
    },
  );
  it('names the fields that its schema refuses', async () => {
    const error = await failureOf('Act', { what: '' });
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(error)).toMatchObject({
      reason: 'invalid-input',
      violations: [{ field: 'what', description: 'must say something' }],
    });
  });
  it('tells the client nothing of what its function throws, or returns by mistake; the log has it', async () => {
    for (const [what, reason] of [
      ['throw', 'function-error'],
      ['wrong', 'bad-result'],
      ['nothing', 'bad-result'],
      ['type', 'bad-result'],
    ] as const) {
      const error = await failureOf('Act', { what });
      expect(error).toMatchObject({ code: status.INTERNAL, details: 'internal error' });
      expect(detailsOf(error)?.reason).toBe(reason);
    }
    const complaint = 'Item.count: expected a whole number from -9223372036854775808 to 9223372036854775807, got';
    await pod.runtime.line((fields) => JSON.stringify(fields).includes(complaint));
  });
  it('is given up with its deadline, and when its client leaves', async () => {
    const late = await failureOf('Act', { what: 'hang' }, { timeoutMs: 300 });
    expect(late.code).toBe(status.DEADLINE_EXCEEDED);
    await waitFor(async () => (await streamsSeen())['hang'] === 'aborted', 5_000);
    const leaving = depot.open('Act', { what: 'hang' });
    leaving.on('error', () => {});
    await waitFor(async () => (await streamsSeen())['hang'] === 'running', 5_000);
    leaving.cancel();
    await waitFor(async () => (await streamsSeen())['hang'] === 'aborted', 5_000);
  });
  it('has the function’s own timeout where the client names none', async () => {
    const started = performance.now();
    const error = await failureOf('Act', { what: 'hang' });
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    expect(performance.now() - started).toBeGreaterThan(4_500);
  });
  it('is UNIMPLEMENTED where no function answers it', async () => {
    const { code, details, metadata } = await failureOf('Missing', {});
    expect([code, details]).toEqual([status.UNIMPLEMENTED, expect.stringContaining('does not implement the method')]);
    expect(metadata.get('x-request-id')).toEqual([expect.stringMatching(/^.{16,}$/)]);
  });
});

describe('a method that answers with a stream', () => {
  it('sends what its function yields, in order, with trailers', async () => {
    const { messages, code, trailer } = await depot.all('List', { count: 500, bytes: 100 });
    expect(code).toBe(status.OK);
    expect(messages.map(({ itemId }) => Number(itemId))).toEqual(Array.from({ length: 500 }, (_, at) => at));
    expect(trailer.get('x-count')).toEqual(['500']);
    expect((await depot.all('List', { count: 3, how: 'array' })).messages.length).toBe(3);
    expect(await depot.all('List', { count: 0 })).toMatchObject({ code: 0, messages: [] });
  });
  it('fails before, between and after messages with what its function threw', async () => {
    const refused = await depot.all('List', { how: 'refuse' });
    expect(refused).toMatchObject({ code: status.PERMISSION_DENIED, messages: [] });
    const failed = await depot.all('List', { count: 2, how: 'fail' });
    expect([failed.code, failed.messages.length, failed.details]).toEqual([status.DATA_LOSS, 2, 'half of it is gone']);
    expect(detailsOf({ metadata: failed.trailer })).toMatchObject({ reason: 'told-to', domain: 'depot' });
    expect(failed.trailer.get('x-count')).toEqual(['2']);
    for (const how of ['throw', 'wrong']) {
      const { code, messages, details } = await depot.all('List', { count: 2, how });
      expect([code, messages.length, details]).toEqual([status.INTERNAL, 2, 'internal error']);
    }
  });
  it('may take longer than its function’s timeout once the head is sent', async () => {
    const slow = await depot.all('List', { count: 1, pauseMs: 3_000, how: 'late' });
    expect([slow.code, slow.messages.length]).toEqual([status.OK, 1]);
  });
  it('ends with the client’s deadline', async () => {
    const key = 'deadline';
    const { code, messages } = await depot.all('List', { count: 100, pauseMs: 50, key }, { timeoutMs: 500 });
    expect(code).toBe(status.DEADLINE_EXCEEDED);
    expect(messages.length).toBeGreaterThan(2);
    await waitFor(async () => (await streamsSeen())[key]?.startsWith('left aborted') ?? false, 5_000);
  });
  it('ends, with its function, when the client cancels in the middle', async () => {
    const key = 'cancelled';
    const call = depot.open('List', { count: 1_000_000, bytes: 1_000, key });
    call.on('error', () => {});
    let received = 0;
    for await (const item of call as AsyncIterable<object>) if ('itemId' in item && (received += 1) === 50) break;
    call.cancel();
    await waitFor(async () => (await streamsSeen())[key]?.startsWith('left aborted') ?? false, 5_000);
    const { code } = await lastCall('List', 'CANCELLED');
    expect(code).toBe('CANCELLED');
  });
});

describe('a method that takes a stream', () => {
  it('reads all of it, or as much as it likes', async () => {
    const items = Array.from({ length: 300 }, () => ({ count: 2, picture: Buffer.alloc(10_000) }));
    expect((await depot.exchange('Sum', items)).messages).toMatchObject([{ itemId: '3000000', count: '600' }]);
    expect((await depot.exchange('Sum', [])).messages).toMatchObject([{ itemId: '0', count: '0' }]);
    const early = await depot.exchange('Sum', [{ count: 7 }, { itemId: 'enough' }, ...items], { end: false });
    expect(early).toMatchObject({ code: 0, messages: [{ itemId: 'early', count: '7' }] });
  });
  it('answers while it reads, and may fail while the client still sends', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const { messages, code } = await depot.exchange('Chat', [{ itemId: 'a' }, { itemId: 'b' }]);
      expect([code, messages.map((message) => message['itemId'])]).toEqual([0, ['re: a', 're: b']]);
      for (const end of [true, false]) {
        const failed = await depot.exchange('Chat', [{ itemId: 'a' }, { itemId: 'fail' }], { end });
        expect([failed.code, failed.messages.length]).toEqual([status.ABORTED, 1]);
      }
    }
  });
});

describe('the pod', () => {
  /** What becomes of a request that no client library would send. */
  async function raw(headers: Record<string, string>, body?: Buffer): Promise<Record<string, unknown>> {
    const session = connect(`http://127.0.0.1:${pod.rpcPort}`);
    session.on('error', () => {});
    const stream = session.request({
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => {});
    let seen: Record<string, unknown> = {};
    stream.on('response', (head) => (seen = { ...seen, ...head }));
    stream.on('trailers', (trailers) => (seen = { ...seen, ...trailers }));
    stream.resume();
    stream.end(body);
    await once(stream, 'close').catch(() => {});
    session.destroy();
    return seen;
  }

  it('stays up whatever is sent', async () => {
    const path = '/depot.v1.Depot/Echo';
    const framed = (bytes: Buffer, flag = 0): Buffer => {
      const head = Buffer.from([flag, 0, 0, 0, 0]);
      head.writeUInt32BE(bytes.length, 1);
      return Buffer.concat([head, bytes]);
    };
    expect(await raw({ ':path': path }, framed(Buffer.from([0xff, 0xff])))).toMatchObject({ 'grpc-status': '3' });
    expect(await raw({ ':path': path, 'grpc-encoding': 'gzip' }, framed(Buffer.from('x'), 1))).toMatchObject({
      'grpc-status': '13',
    });
    expect(await raw({ ':path': path })).toMatchObject({ 'grpc-status': '12' });
    expect(await raw({ ':path': path }, Buffer.from([0, 255, 255, 255, 255, 1]))).toMatchObject({ 'grpc-status': '8' });
    expect(await raw({ ':path': path, 'content-type': 'text/plain' })).toMatchObject({ ':status': 415 });
    expect(await raw({ ':path': '/', 'grpc-timeout': 'soon' })).toMatchObject({ 'grpc-status': '12' });
    expect(await raw({ ':path': path, 'grpc-timeout': 'soon' }, framed(Buffer.alloc(0)))).toMatchObject({
      'grpc-status': '13',
    });
    await raw({ ':path': '/depot.v1.Depot/%00\u00ff' }, framed(Buffer.alloc(0)));
    await raw({ ':path': '/grpc.health.v1.Health/Check' }, framed(Buffer.from([10, 200, 1])));
    await raw({ ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo' }, framed(Buffer.from([10, 200])));
    expect(await depot.call('Echo', { itemId: 'still here' })).toMatchObject({ itemId: 'still here' });
    expect(pod.sidecar.isRunning).toBe(true);
  });
  it('counts and logs each call by function, method and code', async () => {
    const metrics = await (await pod.admin('/metrics')).text();
    expect(metrics).toMatch(
      /bottle_rpc_requests_total\{function="act",method="depot.v1.Depot\/Act",code="NOT_FOUND"\} 1/,
    );
    expect(metrics).toMatch(
      /bottle_rpc_request_duration_seconds_count\{function="echo",method="depot.v1.Depot\/Echo"\} \d/,
    );
    const { rpc, durationMs, invocationId } = await lastCall('Echo', 'OK');
    expect([rpc, typeof durationMs, typeof invocationId]).toEqual(['/depot.v1.Depot/Echo', 'number', 'string']);
  });
  it('lists its methods and the port', async () => {
    const { rpcPort, functions } = (await (await pod.admin('/functions')).json()) as {
      rpcPort: number;
      functions: { name: string; rpc: object[] }[];
    };
    expect(rpcPort).toBe(pod.rpcPort);
    expect(functions.find(({ name }) => name === 'list')?.rpc).toEqual([
      { service: 'depot.v1.Depot', method: 'List', responseStream: true },
    ]);
  });
});

async function lastCall(method: string, code: string): Promise<Record<string, unknown>> {
  return pod.sidecar.line((fields) => fields['rpc'] === `/depot.v1.Depot/${method}` && fields['code'] === code);
}
