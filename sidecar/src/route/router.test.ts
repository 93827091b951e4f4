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
    http: [{ methods, path, host, stream: false, timeoutMs: 0, idempotency: null }],
  }));
  return { service: 's', functions, descriptors: Buffer.alloc(0) };
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
