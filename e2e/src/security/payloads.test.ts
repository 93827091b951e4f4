// Bodies, queries and paths that are meant to do harm.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { rawHttp } from '../harness/raw-http.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'intruder', sidecarArgs: ['--limits-max-body-bytes', '3000000'] });
});
afterAll(() => pod.end());

const post = (path: string, body: string, type = 'application/json'): Promise<Response> =>
  fetch(`${pod.url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });

describe('prototype pollution', () => {
  it.each([
    '{"__proto__":{"admin":true}}',
    '{"a":[{"b":{"__proto__":{"admin":true}}}]}',
    '{"\\u005f\\u005fproto\\u005f_":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
  ])('%s is refused', async (body) => {
    expect(await json(post('/merge', body))).toMatchObject({ status: 400, reason: 'invalid-json' });
  });
  it('the same words are fine where they do no harm', async () => {
    const body = { text: '__proto__', constructor: 'Ltd.', list: ['__proto__'] };
    expect(await json(post('/echo', JSON.stringify(body)))).toEqual(body);
  });
  it('forms, queries and cookies have no prototype to set', async () => {
    const form = await json(post('/merge', '__proto__=x&__proto__[admin]=true', 'application/x-www-form-urlencoded'));
    expect(form).toEqual({ admin: 'no' });
    expect(await json(fetch(`${pod.url}/inspect?__proto__[admin]=true&constructor=1`))).toMatchObject({
      query: { '__proto__[admin]': 'true', constructor: '1' },
    });
    expect(await json(post('/merge?__proto__=1', '{}'))).toEqual({ admin: 'no' });
  });
});

describe('size and depth', () => {
  it('a body over the limit is a 413, with or without its length', async () => {
    expect((await post('/echo', `"${'a'.repeat(3_000_001)}"`)).status).toBe(413);
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(64 * 1024, 'a'));
      },
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${pod.url}/echo`, init as RequestInit)).status).toBe(413);
  });
  it('deep JSON is answered and ends nothing', async () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    const answer = await post('/echo', deep);
    expect([200, 400, 500]).toContain(answer.status);
    await answer.arrayBuffer();
    const nested = await post('/echo', '{"__proto__":'.repeat(100_000) + '1' + '}'.repeat(100_000));
    expect(nested.status).toBe(400);
    await nested.arrayBuffer();
    expect((await fetch(`${pod.url}/secret`)).status).toBe(200);
    expect((await pod.admin('/readyz')).status).toBe(200);
  });
  it('many parameters and cookies take no long time', async () => {
    const startedAt = performance.now();
    const query = Array.from({ length: 3_000 }, (_, at) => `a=${at}`).join('&');
    const answer = await rawHttp(pod.port, [
      `GET /inspect?${query.slice(0, 12_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const form = await post('/echo', 'a=1&'.repeat(9_000), 'application/x-www-form-urlencoded');
    expect(((await form.json()) as { a: string[] }).a).toHaveLength(9_000);
    const tooLarge = await post('/echo', 'a=1&'.repeat(500_000), 'application/x-www-form-urlencoded');
    expect(await json(tooLarge)).toMatchObject({ status: 413, reason: 'form-too-large' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('paths', () => {
  const get = (target: string): Promise<string> =>
    rawHttp(pod.port, [Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 'latin1')]);
  it.each([
    '/none/../secret',
    '/none/%2e%2e/secret',
    '/none/..%2fsecret',
    '/none%2f..%2fsecret',
    '/none/%252e%252e%252fsecret',
    '/none\\..\\secret',
    '/none%5c..%5csecret',
    '//secret',
    '/./secret',
    '/%2e/secret',
    '/secret/',
    '/secret%00',
    '/secret%2f',
    '/secret;a=b',
    '/secret%3fa',
    '/secret%23a',
    '/SECRET',
  ])('%s is not the path of another function', async (path) => {
    const answer = await get(path);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('the secret function');
  });
  it.each([
    ['/files/../secret', { '*': '../secret' }],
    ['/files/%2e%2e%2fsecret', { '*': '../secret' }],
    ['/files/a/..%5c..%5csecret', { '*': 'a/..\\..\\secret' }],
    ['/one/..%2fsecret', { name: '../secret' }],
    ['/one/%252e%252e', { name: '%2e%2e' }],
    ['/one/a%00b', { name: 'a\u0000b' }],
  ])('%s reaches its own function, with the parameter decoded once and not resolved', async (path, params) => {
    const answer = await get(path);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ params });
  });
  it('percent-encoding that is no text is a 400', async () => {
    for (const path of ['/one/%c0%ae%c0%ae', '/one/%', '/one/%ff']) expect(await get(path)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
