import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endpoints } from './endpoints.ts';
import { connectionOf } from './grpc-credentials.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

/** A server that only accepts connections. */
async function listen(host: string, port = 0): Promise<number> {
  const server = new Server();
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
      error ? reject(error) : resolve(taken),
    );
  });
  opened.push({ close: () => server.forceShutdown() });
  return bound;
}

function endpointsOf(options: { addresses?: string[]; dns?: string; resolve?: () => Promise<string[]> }): Endpoints {
  const log = { warn: () => {}, info: () => {} };
  const endpoints = new Endpoints({ id: 'rpc.stock', ...connectionOf(false, undefined), log, ...options });
  opened.push(endpoints);
  return endpoints;
}

const never = new AbortController().signal;
const pickMany = async (endpoints: Endpoints, count: number): Promise<string[]> => {
  const picked: string[] = [];
  for (let at = 0; at < count; at++) picked.push((await endpoints.pick(never)).address);
  return picked.toSorted();
};

describe('Endpoints', () => {
  it('picks each connected address in turn', async () => {
    const ports = [await listen('127.0.0.1'), await listen('127.0.0.1')];
    const endpoints = endpointsOf({ addresses: ports.map((port) => `127.0.0.1:${port}`) });
    await vi.waitFor(async () => expect(new Set(await pickMany(endpoints, 2)).size).toBe(2));
    const picked = await pickMany(endpoints, 4);
    expect(new Set(picked).size).toBe(2);
    expect(picked[0]).toBe(picked[1]);
    expect(endpoints.problem).toBeUndefined();
  });
  it('follows a name: new addresses are found, old ones left, and a name that cannot be resolved changes nothing', async () => {
    const port = await listen('127.0.0.1');
    await listen('127.0.0.2', port);
    let answer: () => Promise<string[]> = async () => ['127.0.0.1'];
    const endpoints = endpointsOf({ dns: `stock:${port}`, resolve: () => answer() });
    expect(await pickMany(endpoints, 2)).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
    answer = async () => ['127.0.0.1', '127.0.0.2'];
    await vi.waitFor(async () => expect(new Set(await pickMany(endpoints, 2)).size).toBe(2), { timeout: 8_000 });
    answer = async () => ['127.0.0.2'];
    const second = `127.0.0.2:${port}`;
    await vi.waitFor(async () => expect(await pickMany(endpoints, 2)).toEqual([second, second]), { timeout: 8_000 });
    let asked = 0;
    answer = () => {
      asked += 1;
      return Promise.reject(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }));
    };
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0), { timeout: 8_000 });
    expect(await pickMany(endpoints, 1)).toEqual([second]);
  }, 30_000);
  it('says at once, and with the reason, that nothing can be sent', async () => {
    const unresolved = endpointsOf({
      dns: 'stock:9090',
      resolve: () => Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' })),
    });
    const error = { code: 'UNAVAILABLE', reason: 'resource-unavailable', details: { started: false } };
    await expect(unresolved.pick(never)).rejects.toMatchObject(error);
    await expect(unresolved.pick(never)).rejects.toThrow('stock:9090 has no address: ENOTFOUND');
    const refused = endpointsOf({ addresses: ['127.0.0.1:1'] });
    await expect(refused.pick(never)).rejects.toMatchObject(error);
    expect(refused.problem).toBe('none of 1 addresses is connected');
  });
  it('gives a waiting pick up with its signal', async () => {
    const endpoints = endpointsOf({ dns: 'stock:9090', resolve: () => new Promise(() => {}) });
    const controller = new AbortController();
    const pending = endpoints.pick(controller.signal);
    controller.abort(new Error('mine'));
    await expect(pending).rejects.toThrow('mine');
  });
});
