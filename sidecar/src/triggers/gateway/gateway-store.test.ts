import type { CacheDriver, Command, Reply } from '@bottle/capabilities';
import { createMemoryCache } from '@bottle/capabilities';
import { describe, expect, it } from 'vitest';
import { createGatewayStore } from './gateway-store.ts';

const OPTIONS = { nonces: 'gateway', sessions: 'sessions', sessionPrefix: 'session:', windowMs: 60_000 };

function storeOn(command: (command: Command) => Promise<Reply>) {
  return createGatewayStore({ ...OPTIONS, cache: async () => ({ command }) as unknown as CacheDriver });
}

describe('the gateway’s store', () => {
  it('gives a nonce to the first claim only, for each app by itself', async () => {
    const cache = createMemoryCache({});
    const store = createGatewayStore({ ...OPTIONS, cache: async () => cache });
    const claims = await Promise.all(Array.from({ length: 10 }, () => store.claimNonce('app', 'n')));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store.claimNonce('other', 'n')).toBe(true);
    await cache.close();
  });
  it('keeps a nonce for as long as its timestamp can pass, by whichever pod’s clock', async () => {
    let sent: Command | undefined;
    await storeOn(async (command) => {
      sent = command;
      return 'OK';
    }).claimNonce('app', 'n');
    expect(sent).toMatchObject({
      name: 'SET',
      keys: ['nonce:app:n'],
      args: [expect.any(String), 'NX', 'PX', '180000'],
    });
  });
  it('knows its own claim whose answer got lost', async () => {
    const cache = createMemoryCache({});
    let lost = 0;
    const store = storeOn(async (command) => {
      const reply = await cache.command(command);
      if (command.name !== 'SET' || (lost += 1) > 1) return reply;
      throw new Error('the connection broke');
    });
    expect([await store.claimNonce('app', 'n'), lost]).toEqual([true, 2]);
    expect(await store.claimNonce('app', 'n')).toBe(false);
    await cache.close();
  });
  it('throws UNAVAILABLE with a reason of its own when a cache fails, and shows nothing of why', async () => {
    const store = storeOn(() => Promise.reject(new Error('ECONNREFUSED 10.0.0.7:6379')));
    const expected = { code: 'UNAVAILABLE', message: 'the request cannot be checked at the moment' };
    await expect(store.claimNonce('app', 'n')).rejects.toMatchObject({
      ...expected,
      reason: 'nonce-store-unavailable',
    });
    await expect(store.findSession('t')).rejects.toMatchObject({ ...expected, reason: 'session-store-unavailable' });
  });
  it('reads sessions that are objects, and no others', async () => {
    const find = (value: string | null) =>
      storeOn(async () => (value === null ? null : Buffer.from(value))).findSession('t');
    expect(await find('{"name":"Ada"}')).toEqual({ name: 'Ada' });
    expect(await find(null)).toBeUndefined();
    for (const value of ['[1]', '"text"', 'null', '{"']) {
      await expect(find(value)).rejects.toMatchObject({ reason: 'session-invalid' });
    }
  });
});
