// What becomes of results on real processes: bigints, the SDK's own values, headers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'bt-results-'));
let pod: TestPod & { runtime: TestProcess };
beforeAll(async () => {
  pod = await TestPod.start({ project: 'http-results', sidecarArgs: ['--grants', 'warn', '--data-dir', dataDir] });
});
afterAll(async () => {
  await pod.end();
  rmSync(dataDir, { recursive: true, force: true });
});

const text = async (path: string, init?: RequestInit): Promise<string> => (await fetch(pod.url + path, init)).text();

describe('a bigint in a result', () => {
  it.each([
    ['alone', '9007199254740993'],
    ['nested', '{"offset":9007199254740993,"list":[1,{"deep":-9007199254740993}],"text":"ü"}'],
    ['lines', '{"id":9007199254740993}\n{"id":2}\n'],
    ['events', 'id: 1\ndata: {"id":9007199254740993}\n\n'],
  ])('becomes an integer with all of its digits: %s', async (kind, expected) => {
    expect(await text(`/bigint/${kind}`)).toBe(expected);
  });
  it('does so for direct invocations and calls of other functions, in both directions', async () => {
    const invoked = await pod.admin('/functions/bigintEvent/invoke', {
      method: 'POST',
      body: '{"id":9007199254740995}',
    });
    expect(await invoked.text()).toBe('{"id":9007199254740993,"got":"{\\"id\\":9007199254740995}"}');
    expect(await text('/bigint-caller')).toBe('{"id":9007199254740993}');
  });
  it('does so for a CloudEvent that answers one', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'big.asked', 'ce-source': '/test', 'ce-id': '1' };
    const answer = await text('/events', { method: 'POST', headers });
    expect(answer).toContain('"data":{"id":9007199254740993}');
  });
});

describe('what the SDK returns can be returned', () => {
  it.each([
    ['publish', /^\{"partition":\d+,"offset":\d+\}$/],
    ['publishMany', /^\[\{"partition":\d+,"offset":\d+\},\{/],
    ['insert', /"insertId":9007199254740993[,}]/],
    ['rows', /^\[\{"id":9007199254740993,"b":\{"type":"Buffer","data":\[98\]\},"f":1\.5,"n":null\}\]$/],
    ['cacheEntry', /^\{"id":9007199254740993\}$/],
    ['cacheMany', /^\[\{"id":/],
    ['sorted', /^\[\{"member":"a","score":1\}\]$/],
    ['bytes', /^bytes$/],
    ['lock', /"name":"l","fencingToken":\d+/],
    ['configSet', /"revision":1/],
    ['configVersion', /"key":"limit"/],
    ['configHistory', /^\[\{/],
    ['switchSet', /"revision":1/],
    ['switchOn', /^true$/],
    ['snapshot', /^\{/],
    [
      'objectPut',
      /^\{"key":"a\/b\.txt","size":6,"etag":"\\".+\\"","lastModified":"20.+Z","contentType":"text\/plain","metadata":\{"a":"b"\}\}$/,
    ],
    ['objectBody', /^stored$/],
    ['objectList', /^\{"objects":\[\{"key":"a\/b\.txt","size":6/],
    ['objectHead', /^\{"key":"a\/b\.txt"/],
    ['secretKeys', /^\[\]$/],
    ['rpc', /^\{"id":/],
  ])('%s', async (kind, expected) => {
    const response = await fetch(`${pod.url}/sdk/${kind}`);
    expect(await response.text()).toMatch(expected);
    expect(response.status).toBe(200);
  });
  it('keeps the digits of a configuration value', async () => {
    expect(await (await pod.admin('/config/config/settings/limit')).text()).toContain(
      '"value":{"max":9007199254740993}',
    );
  });
});

describe('a header that HTTP cannot carry', () => {
  it.each([
    ['set', 'the response header "x-greeting" cannot hold "世" (U+4E16) at position 3'],
    ['append', 'the response header "x-list" cannot hold (U+000D) at position 1'],
    ['name', '"x bad" is not a name of a response header'],
    ['cookie', 'the cookie "session" has a domain that cannot be written'],
    ['response', 'the response header "x-control" cannot hold (U+0001) at position 1'],
  ])('is refused where it is said, and named in the log: %s', async (kind, message) => {
    const response = await fetch(`${pod.url}/header/${kind}`);
    const problem = await json(response);
    expect(problem).toMatchObject({ status: 500, reason: 'function-error', detail: 'internal error' });
    const line = await pod.runtime.line(({ invocationId }) => invocationId === problem['invocationId']);
    expect(line).toMatchObject({ level: 50, function: 'wrongHeader', err: { type: 'TypeError' } });
    expect((line['err'] as { message: string }).message).toContain(message);
  });
  it('is none when it is Latin-1', async () => {
    expect((await fetch(`${pod.url}/header/fine`)).headers.get('x-fine')).toBe('grüße');
  });
});

describe('an unlucky function', () => {
  const ask = (kind: string): Promise<Response> => fetch(`${pod.url}/unlucky/${kind}`);

  it.each([
    ['thrown', 'function-error'],
    ['rejected', 'unhandled-rejection'],
  ])('is answered 500 when what it throws cannot be examined: %s', async (kind, reason) => {
    const response = await ask(kind);
    expect([response.status, (await json<{ reason: string }>(response)).reason]).toEqual([500, reason]);
  });
  it('is cut off when it throws such a thing later, and none of them keeps its place', async () => {
    await expect((await ask('thrownLate')).text()).rejects.toThrow('terminated');
    await waitFor(async () => (await placesOf('unlucky')) === 0, 5_000);
  });
  it('has its 204 although its stream never gives anything', async () => {
    expect((await ask('silent204')).status).toBe(204);
  });
  it('says in a generator that it returns what becomes of the head', async () => {
    const response = await ask('returned');
    expect([response.status, response.headers.get('content-type')]).toEqual([418, 'text/plain']);
    expect(await response.text()).toBe('tea');
  });
  it('may use a buffer again that it has yielded', async () => {
    const body = await (await ask('pooled')).bytes();
    const pieces = Array.from({ length: 100 }, (_, at) => body.subarray(at * 65_536, (at + 1) * 65_536));
    expect(pieces.every((piece, at) => piece.length === 65_536 && piece.every((byte) => byte === at))).toBe(true);
  });
});

async function placesOf(name: string): Promise<number | undefined> {
  const { functions } = await json<{ functions: { name: string; inFlight: number }[] }>(await pod.admin('/functions'));
  return functions.find((each) => each.name === name)?.inFlight;
}
