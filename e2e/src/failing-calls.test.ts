// A bottle call that fails, and that its function does not catch, is the server's fault: whatever it was refused with, and
// whatever brought the invocation. Every reason of docs/errors.md through every kind of trigger.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRichStatus, STATUS_DETAILS_TRAILER } from '@bottle/protos';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from './harness/pod.ts';
import { ROOT, type TestProcess } from './harness/process.ts';
import { APP, callSigned, SECRET } from './triggers/signed-client.ts';

const INSIDE = /inside|10\.1\.2\.3/i;
const ATTEMPTS = 2;
/** Thrown by the author of a function, on purpose; and of a chain of calls, for whoever began it (see scale/call-depth). */
const NOT_OF_CALLS = new Set(['drop-message', 'retry-message', 'call-depth']);
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED']);
const LASTING = new Set([
  'message-too-large',
  'object-too-large',
  'objects-full',
  'result-too-large',
  'too-many-keys',
  'too-many-locks',
  'too-many-resources',
]);

/** Every reason and its code, as docs/errors.md lists them. */
const REASONS = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([a-z-]+)` +\| ([A-Z_]+) +\|/gm)]
  .map(([, reason = '', code = '']) => ({ reason, code, isPassing: PASSING.has(code) && !LASTING.has(reason) }))
  .filter(({ reason }) => !NOT_OF_CALLS.has(reason));
let directory: string;
let pod: TestPod;
let runtime: TestProcess;
let grpc: Client;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bt-f-'));
  const config = join(directory, 'sidecar.yml');
  const memory = { driver: 'memory' };
  const settings = {
    rpc: { host: '127.0.0.1' },
    gateway: { apps: { [APP]: { secret: SECRET } } },
    resources: {
      // Nobody listens on the port that services give to discarded data.
      cache: {
        idempotency: memory,
        gateway: memory,
        sessions: memory,
        down: { driver: 'redis', url: 'redis://127.0.0.1:9' },
      },
      lock: { timers: memory },
      db: { shop: { driver: 'sqlite', file: ':memory:' } },
      mq: { queue: { driver: 'embedded', file: join(directory, 'queue.sqlite') } },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  pod = new TestPod({ project: 'failing-calls', sidecarArgs: ['--config', config] });
  runtime = pod.startRuntime();
  const sidecar = await pod.startSidecar();
  grpc = new Client(`127.0.0.1:${await pod.untilRpc(sidecar)}`, credentials.createInsecure());
  await waitFor(async () => (await post('/fail')).status === 404, 30_000); // it is never ready: a resource is down
});
afterAll(async () => {
  grpc?.close();
  await pod?.end();
  rmSync(directory, { recursive: true, force: true });
});

/** What the log has to say of invocations, by their ids. */
const toBeLogged = new Map<string, object>();

/** The error lines of one invocation, which come a little later than its answer. */
async function errorsOf(invocationId: string): Promise<object[]> {
  const isOne = (line: Record<string, unknown>): boolean =>
    line['level'] === 50 && line['invocationId'] === invocationId;
  await runtime.line(isOne);
  return runtime.lines.filter(isOne);
}

/** What a client saw, in the terms of HTTP. */
interface Seen {
  status: number;
  retryAfter: string | null;
  text: string;
  invocationId: string;
}

async function seen(answer: Response): Promise<Seen> {
  const text = await answer.text();
  const { invocationId = '' } = JSON.parse(text) as { invocationId?: string };
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text, invocationId };
}

const expected = (isPassing: boolean): object =>
  isPassing ? { status: 503, retryAfter: '1' } : { status: 500, retryAfter: null };
const post = (path: string, headers: Record<string, string> = {}, body = ''): Promise<Response> =>
  fetch(pod.url + path, { method: 'POST', headers, body });

it('there are reasons to go through', () => {
  expect(REASONS.length).toBeGreaterThan(100);
});

describe.each(REASONS)('$reason ($code)', ({ reason, code, isPassing }) => {
  const wish = { reason: `${reason}.${code}` };

  it('by HTTP: the status says whether to come again', async () => {
    const answer = await post(`/fail/${wish.reason}`);
    const { text, invocationId, ...rest } = await seen(answer);
    expect(rest).toEqual(expected(isPassing));
    expect(text).not.toMatch(INSIDE);
    const err = { reason, stack: expect.stringContaining('failing-calls/src/fail.ts') as string };
    toBeLogged.set(invocationId, {
      function: 'fail',
      resource: 'db.inside',
      operation: 'inside',
      driverCode: 'ER_INSIDE',
      err,
    });
  });
  it('by HTTP, idempotent: nothing is stored', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second] = [
      await seen(await post(`/once/${wish.reason}`, headers)),
      await seen(await post(`/once/${wish.reason}`, headers)),
    ];
    expect([first.status, second.status]).toEqual(isPassing ? [503, 503] : [500, 500]);
    expect(second.invocationId).not.toBe(first.invocationId);
  });
  it('by gRPC', async () => {
    const error = await new Promise<ServiceError | null>((resolve) => {
      const field = Buffer.from(wish.reason);
      const message = Buffer.concat([Buffer.from([0x0a, field.length]), field]);
      const same = (bytes: Buffer): Buffer => bytes;
      grpc.makeUnaryRequest(
        '/failing.v1.Failing/Fail',
        () => message,
        same,
        {},
        (thrown) => resolve(thrown),
      );
    });
    expect(error?.code).toBe(isPassing ? status.UNAVAILABLE : status.INTERNAL);
    expect(error?.details).not.toMatch(INSIDE);
    toBeLogged.set(String(error?.metadata.get('x-request-id')[0]), { function: 'fail', resource: 'db.inside' });
    const rich = decodeRichStatus(error?.metadata.get(STATUS_DETAILS_TRAILER)[0] as Buffer);
    expect(JSON.stringify(rich)).not.toMatch(INSIDE);
  });
  it('by the signed gateway', async () => {
    const { ret, ...answer } = await callSigned(pod.url, { api: 'failing.fail', body: JSON.stringify(wish) });
    expect({ status: answer.status, retryAfter: answer.headers.get('retry-after') }).toEqual(expected(isPassing));
    expect(answer.signed).toBe(true);
    const passing = reason === 'overloaded' ? reason : 'dependency-unavailable';
    expect(ret.code).toBe(isPassing ? passing : 'function-error');
    expect(JSON.stringify(ret)).not.toMatch(INSIDE);
  });
  it('by CloudEvents: its sender tries again', async () => {
    const event = { specversion: '1.0', id: randomUUID(), source: '/failing', type: 'failing.fail', data: wish };
    const headers = { 'content-type': 'application/cloudevents+json' };
    const { text, invocationId: _, ...rest } = await seen(await post('/events', headers, JSON.stringify(event)));
    expect(rest).toEqual(expected(isPassing));
    expect(text).not.toMatch(INSIDE);
  });
  it('by a call of another function', async () => {
    const called = `called-${Math.floor(REASONS.filter((each) => each.isPassing && each.reason < reason).length / 4)}`;
    const { text, invocationId, ...rest } = await seen(await post(`/ask/${called}/${wish.reason}`));
    expect(rest).toEqual(expected(isPassing));
    expect(text).not.toMatch(INSIDE);
    toBeLogged.set(invocationId, { function: 'ask', resource: `rpc.${called}` });
  });
  it('by a timer: the run has failed', async () => {
    const body = JSON.stringify(wish);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const run = (await (await pod.admin('/timers/failing/fire', init)).json()) as { result: string };
    expect(run.result).toBe('error');
  });
});

it('the log has one error line for each, with all that clients did not see', async () => {
  expect(toBeLogged.size).toBeGreaterThanOrEqual(2 * REASONS.length);
  for (const [invocationId, line] of toBeLogged) expect(await errorsOf(invocationId)).toMatchObject([line]);
});

/** What says that a resource cannot be reached: messages wait for it. */
const AWAY: ReadonlySet<string> = new Set(['breaker-open', 'resource-unavailable']);

async function publishMessages(reasons: readonly { reason: string; code: string }[]): Promise<void> {
  const wishes = reasons.map(({ reason, code }) => ({ reason: `${reason}.${code}` }));
  const headers = { 'content-type': 'application/json' };
  expect((await post('/publish', headers, JSON.stringify(wishes))).status).toBe(204);
}

it('by messages: each has all its attempts, and is then a dead letter that says what was wrong', async () => {
  const wishes = REASONS.filter(({ reason }) => !AWAY.has(reason));
  await publishMessages(wishes);
  type Letter = { reason: string; attempts: number; message: string };
  let letters: Letter[] = [];
  await waitFor(async () => {
    const page = await pod.admin(`/dead-letters/failing.failing-calls.fail.dead?limit=${wishes.length}`);
    ({ letters } = (await page.json()) as { letters: Letter[] });
    return letters.length === wishes.length;
  }, 30_000);
  expect(letters.map(({ reason }) => reason).toSorted()).toEqual(wishes.map(({ reason }) => reason).toSorted());
  expect(new Set(letters.map(({ attempts }) => attempts))).toEqual(new Set([ATTEMPTS]));
  // Those that say that a resource is away wait for it.
  await publishMessages(REASONS.filter(({ reason }) => AWAY.has(reason)));
  await waitFor(async () => {
    const { consumers } = (await (await pod.admin('/consumers')).json()) as { consumers: { problem?: string }[] };
    return consumers[0]?.problem?.startsWith('waits for ') ?? false;
  }, 10_000);
  const page = await pod.admin('/dead-letters/failing.failing-calls.fail.dead?limit=1000');
  expect(((await page.json()) as { letters: Letter[] }).letters).toHaveLength(wishes.length);
});

/** Whether it awaits its call or hands on the promise. */
const HANDLERS_LINE = { stack: expect.stringContaining('failing-calls/src/real.ts') as string };

describe('calls that really fail', () => {
  it.each([
    ['sql', false, { resource: 'db.shop', driverCode: 'SQLITE_ERROR', err: HANDLERS_LINE }],
    ['rows', false, { resource: 'db.shop', driverCode: 'SQLITE_ERROR', err: HANDLERS_LINE }],
    ['plain', false, { resource: 'cache.nowhere', err: HANDLERS_LINE }],
    ['miss', false, { resource: 'cache.nowhere', err: HANDLERS_LINE }],
    ['denied', false, { resource: 'cache.down', err: HANDLERS_LINE }],
    ['down', true, { resource: 'cache.down', err: HANDLERS_LINE }],
    ['misuse', false, { err: HANDLERS_LINE }],
  ])('%s', async (name, isPassing, logged) => {
    const { text, invocationId, ...rest } = await seen(await post(`/real/${name}`));
    expect(rest).toEqual(expected(isPassing));
    expect(text).not.toMatch(/no_such_table|sqlite|cache|redis|127\.0|sidecar\.yml|\bttl\b/i);
    expect(await errorsOf(invocationId)).toMatchObject([{ function: name, ...logged }]);
  });
});

describe('what a function throws on purpose', () => {
  const kept = { 'retry-after': '7', 'content-type': 'application/problem+json', etag: null };
  it.each([
    ['http-errors', 401, 'who are you?', { ...kept, 'www-authenticate': 'Basic realm="shop"', 'x-bad': null }],
    ['http-errors 502', 502, 'internal error', kept],
    ['exposed', 503, 'try the other one', kept],
    ['hidden', 409, 'internal error', kept],
    ['boom', 405, 'only GET', { ...kept, allow: 'GET' }],
    ['bottle', 429, 'not now', kept],
    ['fetch', 500, 'internal error', { 'retry-after': null }],
    ['aggregate', 500, 'internal error', { 'retry-after': null }],
    ['zod', 500, 'internal error', { 'retry-after': null }],
    ['no error', 500, 'internal error', { 'retry-after': null }],
  ])('%s: %i, and the headers it has set', async (kind, code, detail, headers) => {
    const answer = await post(`/stated/${encodeURIComponent(kind)}`);
    const problem = (await answer.json()) as { detail: string; details?: object; invocationId: string };
    expect([answer.status, problem.detail, problem.details]).toEqual([
      code,
      detail,
      kind === 'bottle' ? { left: 0 } : undefined,
    ]);
    expect(Object.fromEntries(Object.keys(headers).map((name) => [name, answer.headers.get(name)]))).toEqual(headers);
    expect(answer.headers.get('x-request-id')).toBe(problem.invocationId);
  });
});

describe('headers that would break the frame of an answer', () => {
  it.each(['set', 'smuggled'])('are left out of an error’s: %s', async (kind) => {
    const answer = await post(`/framing/${kind}`);
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([404, 'framed']);
    const names = ['transfer-encoding', 'trailer', 'x-own', 'x-bad', 'x b'].filter((name) =>
      [...answer.headers.keys()].includes(name),
    );
    expect([names, answer.headers.get('x-kept')]).toEqual([[], '1']);
  });
});

describe('every answer has the id of its request', () => {
  it.each([
    ['a result', '/named', 'mine'],
    ['no route', '/nowhere', /^[0-9a-f]{32}$/],
    ['another method', '/fail/x', /^[0-9a-f]{32}$/],
  ])('%s', async (_what, path, id) => {
    const answer = await fetch(pod.url + path, { method: path === '/named' ? 'POST' : 'GET' });
    expect(answer.headers.get('x-request-id')).toMatch(id);
  });
});
