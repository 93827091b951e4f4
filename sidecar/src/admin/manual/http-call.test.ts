import { describe, expect, it } from 'vitest';
import { known } from '../../testing/invocable-pod.ts';

describe('an HTTP request', () => {
  it('is what a client would have sent', async () => {
    const query = { path: '/items/a b?x=1', query: ['y=ü', 'y=2'], header: ['X-A=b', 'traceparent=00-1'] };
    const { target, bytes } = await known().invoke('getItem', { ...query, method: 'get' }, '{ "n": 1 }');
    expect(bytes.toString()).toBe('{ "n": 1 }');
    expect(target).toEqual({
      kind: 'http',
      http: {
        method: 'GET',
        url: '/items/a%20b?x=1&y=%C3%BC&y=2',
        headers: [
          'host: localhost',
          'x-a: b',
          'traceparent: 00-1',
          'content-type: application/json',
          'content-length: 10',
        ].flatMap((line) => line.split(': ')),
        contentType: 'application/json',
        host: 'localhost',
        remoteAddress: '127.0.0.1',
      },
    });
  });
  it.each([
    ['own', {}, undefined, 'GET', '/own'],
    ['own', {}, '1', 'POST', '/own'],
    ['own', { path: '/own/2026' }, undefined, 'GET', '/own/2026'],
    ['own', { method: 'head' }, undefined, 'HEAD', '/own'],
    ['item', { path: '/things/1' }, '1', 'GET', '/things/1'],
    ['item', { method: 'POST' }, undefined, 'POST', '/things'],
    ['hosted', { path: '/hosted/de' }, undefined, 'GET', '/hosted/de'],
    ['newItem', {}, undefined, 'POST', '/items/new'],
  ])('of %s by %j is the route’s where nothing else is said', async (name, query, data, method, url) => {
    const { target } = await known().invoke(name, query, data);
    expect(target).toMatchObject({ http: { method, url } });
  });
  it('goes to the host of the route, or to the one that was said', async () => {
    const { invoke } = known();
    expect((await invoke('hosted', { path: '/hosted/fr' })).target).toMatchObject({
      http: { host: 'example.example.com' },
    });
    const { target } = await invoke('hosted', { path: '/hosted/fr', header: 'Host: A.example.com:80' });
    expect(target).toMatchObject({ http: { host: 'a.example.com', headers: ['host', 'A.example.com:80'] } });
    await expect(invoke('hosted', { path: '/hosted/fr', header: 'host: other' })).rejects.toThrow('does not answer');
  });
  it('has a body that streams where the route wants it so, and one that is not too large', async () => {
    const pod = known();
    expect((await pod.invoke('own', {}, '"' + 'a'.repeat(200) + '"')).kind).toBe('stream');
    expect((await pod.invoke('own', {}, '"short"')).kind).toBe('bytes');
    await expect(pod.invoke('own', {}, `"${'a'.repeat(1_000)}"`)).rejects.toMatchObject({ reason: 'body-too-large' });
  });
  it('is a whole event, whose members flags overrule', async () => {
    const event = {
      $event: 'http',
      path: '/own/1',
      method: 'post',
      query: { a: ['1', '2'], b: '3' },
      headers: { 'X-A': '1', 'content-type': 'text/plain' },
      body: 'text',
    };
    const { invoke } = known();
    const { target, bytes } = await invoke('own', {}, event);
    expect(bytes.toString()).toBe('text');
    expect(target).toMatchObject({
      http: { method: 'POST', url: '/own/1?a=1&a=2&b=3', contentType: 'text/plain' },
    });
    const changed = await invoke('own', { path: '/own/2', method: 'GET', query: 'a=9', header: 'x-a=2' }, event);
    expect(changed.target).toMatchObject({ http: { method: 'GET', url: '/own/2?b=3&a=9' } });
    expect(changed.target.kind === 'http' && changed.target.http.headers).toEqual(expect.arrayContaining(['x-a', '2']));
    expect(JSON.stringify(changed.target)).not.toContain('"x-a","1"');
  });
  it.each([
    ['getItem', {}, 'GET /items/:id needs :id, for example: npx bottle invoke getItem --path /items/1'],
    ['getItem', { path: '/other' }, 'getItem does not answer /other; getItem answers GET /items/:id'],
    ['getItem', { path: '/items/1', method: 'PUT' }, 'getItem does not answer PUT /items/1; getItem answers GET'],
    ['getItem', { path: '/items/new', method: 'POST' }, '/items/new goes to newItem, not to getItem'],
    ['getItem', { path: '/items/' }, 'does not answer'],
    ['getItem', { path: 'items/1' }, '--path begins with "/"'],
    ['item', {}, 'item answers several routes, say which with --path: GET,POST /things, GET /things/:id'],
    ['own', { header: 'transfer-encoding: x' }, 'transfer-encoding follows from the data'],
    ['own', { header: 'connection: close' }, 'functions never see connection'],
    ['own', { header: 'x-bottle-a: b' }, 'functions never see x-bottle-a'],
    ['own', { header: 'a b: c' }, 'is none that HTTP has'],
    ['own', { header: 'a: \u0001' }, 'is none that HTTP has'],
  ])('to %s by %j is refused, saying why', async (name, query, complaint) => {
    await expect(known().invoke(name, query)).rejects.toMatchObject({
      reason: 'bad-event',
      message: expect.stringContaining(complaint) as unknown,
    });
  });
});
