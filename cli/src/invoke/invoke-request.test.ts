import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventFlags, exampleRequestOf, invokeRequestOf } from './invoke-request.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bottle-invoke-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));
const requestOf = (flags: EventFlags) => invokeRequestOf(flags, { env: {}, cwd });

it('says everything that the flags say', async () => {
  const { url, headers, body } = await requestOf({
    as: 'mq:a/b',
    path: '/x?y=1&z',
    method: 'get',
    query: ['a=1', 'a=ü'],
    header: ['accept: a', 'b=c'],
    data: '{ "n": 1 }',
    'timeout-ms': '50',
  });
  const [path, query] = url.split('?');
  expect(path).toBe('invoke');
  expect([...new URLSearchParams(query)]).toEqual([
    ['as', 'mq:a/b'],
    ['path', '/x?y=1&z'],
    ['method', 'get'],
    ['query', 'a=1'],
    ['query', 'a=ü'],
    ['header', 'accept: a'],
    ['header', 'b=c'],
  ]);
  expect(headers).toEqual({ 'content-type': 'application/json', 'x-bottle-timeout-ms': '50' });
  expect(body?.toString()).toBe('{ "n": 1 }');
});
it('sends bytes as they are where a header says what they are, and knows a whole event', async () => {
  writeFileSync(join(cwd, 'bytes'), Buffer.from([0, 255, 128]));
  const bytes = await requestOf({ data: '@bytes', header: ['Content-Type=image/png'] });
  expect([bytes.headers['content-type'], bytes.body]).toEqual(['image/png', Buffer.from([0, 255, 128])]);
  const json = await requestOf({ data: '[1]', header: ['content-type: application/problem+json'] });
  expect(json.headers['content-type']).toBe('application/problem+json');
  const whole = await requestOf({ data: '{"$event":"http"}' });
  expect(whole.headers['content-type']).toBe('application/vnd.bottle.event+json');
  expect((await requestOf({})).body).toBeUndefined();
});
it.each([
  [{ as: 'kafka' }, '--as is one of http, rpc, mq, timer, cloudevent, gateway, event, not "kafka"'],
  [{ as: '' }, '--as is one of'],
  [{ data: '{' }, '--data is not JSON'],
  [{ data: '' }, '--data is not JSON'],
  [{ data: '@none' }, 'there is no file'],
  [{ data: '@.' }, 'cannot be read'],
  [{ 'timeout-ms': 'soon' }, '--timeout-ms takes a number of milliseconds, not "soon"'],
  [{ 'timeout-ms': '0' }, '--timeout-ms takes'],
])('refuses %j', async (flags, complaint) => {
  await expect(requestOf(flags)).rejects.toThrow(complaint);
});
it('asks for an example of a trigger, and of nothing else', () => {
  expect(exampleRequestOf({ as: 'rpc:a/B' })).toEqual({ url: 'example?as=rpc%3Aa%2FB', headers: {}, body: undefined });
  expect(exampleRequestOf({}).url).toBe('example');
  expect(() => exampleRequestOf({ path: '/' })).toThrow('--example takes --as alone: --path says nothing to it');
  expect(() => exampleRequestOf({ as: 'x' })).toThrow('--as is one of');
});
