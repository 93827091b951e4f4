import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayClient, type GatewayClientOptions, GatewayError } from '@bottle/gateway-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod } from '../harness/pod.ts';
import { APP, SECRET } from './signed-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'bottle-client-'));
let pod: TestPod;
beforeAll(async () => {
  const config = join(folder, 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ gateway: { windowMs: 60_000, apps: { [APP]: { secret: SECRET } } } }));
  pod = await TestPod.start({ project: 'gateway', sidecarArgs: ['--config', config] });
});
afterAll(async () => {
  await pod.end();
  rmSync(folder, { recursive: true, force: true });
});

const client = (more: Partial<GatewayClientOptions> = {}) =>
  new GatewayClient({ url: `${pod.url}/gw`, appKey: APP, secret: SECRET, ...more });
const failure = async (call: Promise<unknown>): Promise<GatewayError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
};

describe('the gateway client', () => {
  it('calls an API and resolves with its data, typed', async () => {
    const { event, gateway } = await client({ device: 'pixel-12' }).call<{ event: object; gateway: object }>(
      'test.echo',
      '2.0',
      { text: 'grüße' },
    );
    expect(event).toEqual({ text: 'grüße' });
    expect(gateway).toMatchObject({ version: '2.0', device: 'pixel-12', appKey: APP });
    expect(await client().call('test.count', '1.0')).toMatchObject({ runs: expect.any(Number) as number });
  });

  it('sends the session that there is at the moment', async () => {
    let token = '';
    const gateway = client({ session: () => token });
    expect((await failure(gateway.call('test.profile.get', '1.0'))).code).toBe('session-missing');
    await gateway.call('test.signin', '1.0', { token: 'token-1', session: { name: 'Ada' } });
    token = 'token-1';
    expect(await gateway.call('test.profile.get', '1.0')).toEqual({ hello: 'Ada' });
  });

  it('rejects with the code, status, details and request of the answer', async () => {
    const error = await failure(client().call('test.results', '1.0', { kind: 'typed' }));
    expect(error).toMatchObject({ code: 'out-of-stock', status: 409, message: 'none left', details: { left: 0 } });
    expect(error.requestId).toMatch(/^[0-9a-f]{32}$/);
    expect((await failure(client({ secret: 'not the secret, but long' }).call('test.echo', '1.0'))).code).toBe(
      'wrong-signature',
    );
  });

  it.each([-3_600_000, 3_600_000])('corrects a clock that is wrong by %i ms, once for all calls', async (wrongMs) => {
    let requests = 0;
    const counting: typeof fetch = (...given) => {
      requests += 1;
      return fetch(...given);
    };
    const gateway = client({ now: () => Date.now() + wrongMs, fetch: counting });
    expect(await gateway.call('test.echo', '1.0', 1)).toMatchObject({ event: 1 });
    expect(await gateway.call('test.echo', '1.0', 2)).toMatchObject({ event: 2 });
    expect(requests).toBe(3);
    expect(Math.abs(gateway.clockSkewMs + wrongMs)).toBeLessThan(5_000);
  });

  it('gives up when its signal aborts, or its time is over', async () => {
    const stuck = await serve((_body, answer) => void answer);
    const gateway = client({ url: stuck.url });
    const controller = new AbortController();
    const call = gateway.call('test.echo', '1.0', undefined, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('left the page')), 20);
    await expect(call).rejects.toThrow('left the page');
    await expect(
      gateway.call('x.y', '1.0', undefined, { signal: AbortSignal.abort(new Error('before')) }),
    ).rejects.toThrow('before');
    expect((await failure(gateway.call('test.echo', '1.0', undefined, { timeoutMs: 50 }))).code).toBe('timeout');
    await stuck.close();
  });

  it('believes no success that is not signed for its request, nor what is no envelope', async () => {
    const envelope = JSON.stringify({ api: 'a', v: '1.0', ret: { code: 'ok', message: '' }, data: 1, requestId: '' });
    const impostor = await serve((_body, answer) => answer(envelope));
    expect((await failure(client({ url: impostor.url }).call('a', '1.0'))).code).toBe('wrong-answer-signature');
    expect(await client({ url: impostor.url, verify: false }).call('a', '1.0')).toBe(1);
    await impostor.close();
    for (const text of ['<html>', '{}', 'null']) {
      const proxy = await serve((_body, answer) => answer(text));
      expect((await failure(client({ url: proxy.url }).call('a', '1.0'))).code).toBe('bad-answer');
      await proxy.close();
    }
    expect((await failure(client({ url: impostor.url }).call('a', '1.0'))).code).toBe('network');
  });
});

/** A server that is not the gateway. */
async function serve(
  handle: (body: string, answer: (text: string) => void) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handle(body, (text) => response.end(text)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
