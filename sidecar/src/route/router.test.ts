import type { FunctionTable__Output } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { Invocation } from '../layer.ts';
import { NO_BODY } from '../ingress/http-body.ts';
import { Router } from './router.ts';

type RouteSpec = [name: string, methods: string[], path: string, host?: string];

function tableOf(...routes: RouteSpec[]): FunctionTable__Output {
  const functions = routes.map(([name, methods, path, host = '']) => ({
    name,
    handler: 'f.f',
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
    http: [{ methods, path, host, stream: false, timeoutMs: 0, idempotency: null, cors: null }],
  }));
  return { service: 's', functions, descriptors: Buffer.alloc(0), layerUses: [], cors: null };
}
const ask = (method: string, url: string, host = 'localhost'): Invocation =>
  new Invocation({
    id: 'i',
    target: { kind: 'http', http: { method, url, headers: [], contentType: '', host, remoteAddress: '' } },
    body: NO_BODY,
  });
const nameOf = (router: Router, method: string, url: string, host?: string): string =>
  router.route(ask(method, url, host)).function.name;

describe('Router', () => {
  it('has no parameter that is empty, but for optional ones and wildcards', () => {
    const router = new Router(
      tableOf(
        ['hello', ['GET'], '/hello/:name'],
        ['pair', ['GET'], '/pair/:one/:other'],
        ['maybe', ['GET'], '/maybe/:id?'],
        ['all', ['GET'], '/all/*'],
      ),
    );
    for (const url of ['/hello/', '/pair//b', '/pair/a/'])
      expect(() => router.route(ask('GET', url))).toThrow('no function answers this path');
    expect(['/hello/x', '/maybe', '/maybe/', '/maybe/x', '/all/'].map((url) => nameOf(router, 'GET', url))).toEqual([
      'hello',
      'maybe',
      'maybe',
      'maybe',
      'all',
    ]);
  });
  it.each([
    ['/items/:id', '/items/5', { id: '5' }],
    ['/items/:id?', '/items', {}],
    ['/items/:id?', '/items/5', { id: '5' }],
    ['/items/:id(^\\d+$)', '/items/5', { id: '5' }],
    ['/:from-:to', '/a-b', { from: 'a', to: 'b' }],
    ['/:name.json', '/a.json', { name: 'a' }],
    ['/files/*', '/files/a/b', { '*': 'a/b' }],
    ['/files/*', '/files/', { '*': '' }],
  ])('%s as documented: %s', (path, url, params) => {
    const router = new Router(tableOf(['f', ['GET'], path]));
    const find = (): Record<string, string> => {
      const { params: flat } = router.route(ask('GET', url));
      return Object.fromEntries(
        flat.flatMap((name, at) => (at % 2 === 0 && flat[at + 1] !== undefined ? [[name, flat[at + 1] ?? '']] : [])),
      );
    };
    expect(find()).toMatchObject(params);
  });
  it.each([
    ['/items/:id(^\\d+$)', '/items/a'],
    ['/:from-:to', '/a-'],
  ])('%s as documented: not %s', (path, url) => {
    expect(() => new Router(tableOf(['f', ['GET'], path])).route(ask('GET', url))).toThrow(
      'no function answers this path',
    );
  });
  it('prefers static segments to parameters to wildcards, whatever the order of the table', () => {
    const router = new Router(
      tableOf(['wild', ['GET'], '/a/*'], ['param', ['GET'], '/a/:x'], ['fixed', ['GET'], '/a/b']),
    );
    expect(['/a/b', '/a/c', '/a/b/c'].map((url) => nameOf(router, 'GET', url))).toEqual(['fixed', 'param', 'wild']);
  });
  it('prefers exact hosts to wildcard hosts to none', () => {
    const router = new Router(
      tableOf(
        ['any', [], '/x'],
        ['below', [], '/x', '*.shop.com'],
        ['exact', [], '/x', 'eu.shop.com'],
        ['deeper', [], '/x', '*.eu.shop.com'],
      ),
    );
    const hosts = ['other.com', 'us.shop.com', 'eu.shop.com', 'a.eu.shop.com', 'shop.com'];
    expect(hosts.map((host) => nameOf(router, 'GET', '/x', host))).toEqual(['any', 'below', 'exact', 'deeper', 'any']);
  });
  it('falls back from a host that has no such path', () => {
    const router = new Router(tableOf(['any', [], '/common'], ['host', [], '/own', 'a.com']));
    expect(nameOf(router, 'GET', '/common', 'a.com')).toBe('any');
  });
  it('decodes parameters of any length and ignores the query', () => {
    const router = new Router(tableOf(['f', ['GET'], '/:a/x/:b']));
    const long = 'y'.repeat(5_000);
    expect(router.route(ask('GET', `/%C3%BC%2F/x/${long}?a=1`)).params).toEqual(['a', 'ü/', 'b', long]);
  });
  it('does not let a prefix swallow a longer segment', () => {
    const router = new Router(tableOf(['f', ['GET'], '/api/*']));
    expect(() => router.route(ask('GET', '/apiary'))).toThrow('no function answers this path');
  });
  it('answers HEAD by GET, and says which methods a path has', () => {
    const router = new Router(tableOf(['get', ['GET'], '/x'], ['post', ['POST'], '/x']));
    expect(nameOf(router, 'HEAD', '/x')).toBe('get');
    expect(() => router.route(ask('DELETE', '/x'))).toThrow(
      expect.objectContaining({
        reason: 'method-not-allowed',
        httpStatus: 405,
        details: { allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] },
      }),
    );
  });
});

describe('patterns of a table', () => {
  it('that cannot be served are left out and told; the others are served', () => {
    const router = new Router(
      tableOf(['slow', ['GET'], '/a/:id((a+)+$)'], ['open', ['GET'], '/b/:id('], ['fine', ['GET'], '/c/:id(^\\d+$)']),
    );
    expect(router.problems.map((problem) => problem.split(':')[0])).toEqual(['slow', 'open']);
    expect(router.route(ask('GET', '/c/12')).function.name).toBe('fine');
    expect(() => router.route(ask('GET', '/a/aaaa'))).toThrow('no function answers this path');
  });
  it('take no long time, whatever path is asked for', () => {
    const router = new Router(
      tableOf(['one', ['GET'], '/:a/:b/:c/*'], ['two', ['GET'], '/:a-:b-:c'], ['three', ['GET'], '/x/:id(^[a-z]+$)']),
    );
    const startedAt = performance.now();
    for (const path of [
      '/'.repeat(15_000),
      `/${'-'.repeat(15_000)}`,
      `/x/${'a'.repeat(15_000)}!`,
      '/a'.repeat(7_000),
    ]) {
      for (let turn = 0; turn < 20; turn++) {
        try {
          router.route(ask('GET', path));
        } catch {
          // no route: that is an answer, too
        }
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
