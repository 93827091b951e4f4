// A real Redis that lets in whom its ACL names, and one with TLS whose certificate is renewed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificates } from './certificates.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const [old, renewed, strange] = [certificates(), certificates(), certificates()];
const directory = mkdtempSync(join(tmpdir(), 'bt-access-'));
const fileOf = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};
const tlsPort = await findFreePort();
const settings = {
  'tls-port': tlsPort,
  'tls-auth-clients': 'no',
  'tls-cert-file': fileOf('old.crt', old.cert),
  'tls-key-file': fileOf('old.key', old.key),
  'tls-ca-cert-file': fileOf('old.ca', old.ca),
};
/** What docs/bottle-sdk.md says that a user needs. */
const user = ['--user', 'shop', 'on', '>secret-of-shop', '~shop:*', '&shop:*', '+@all', '-@dangerous', '+info'];
const server = await unlessUnavailable(
  startRedis({
    own: true,
    local: true,
    args: [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]), ...user],
  }),
);
afterAll(async () => {
  await server?.stop();
  for (const each of [old, renewed, strange]) each.remove();
  rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(server === undefined)('a Redis', () => {
  const redis = server as TestServer;
  let target: SidecarTarget;
  beforeAll(async () => {
    const ofUser = { driver: 'redis', url: redis.address, username: 'shop', password: 'secret-of-shop' };
    const mine = { ...ofUser, keyPrefix: 'shop:' };
    const tls = { ca: old.ca + renewed.ca, serverName: 'localhost' };
    const secure = { driver: 'redis', url: `redis://127.0.0.1:${tlsPort}`, tls };
    const admin = { driver: 'redis', url: redis.address };
    target = await openSidecar({ cache: { mine, elsewhere: ofUser, secure, admin }, lock: { mine } });
  });
  afterAll(() => target?.close());

  it('whose user has its own prefix only serves all of a cache and of locks, and refuses the rest', async () => {
    const cache = target.bottle.cache('mine');
    await expect.poll(() => cache.set('a', 1).catch(() => false), { timeout: 10_000 }).toBe(true);
    expect(await cache.getMany(['a', 'b'])).toEqual([1, undefined]);
    expect(await cache.transaction((tx) => tx.get('a').increment('n'))).toEqual([1, 1]);
    expect(await cache.through('item', () => 2, { ttl: 60 })).toBe(2);
    await cache.invalidate('item');
    const messages = await cache.subscribe('news');
    await cache.publish('news', 3);
    expect((await messages.next()).value).toEqual({ channel: 'news', value: 3 });
    await messages.return(undefined);
    await using lock = await target.bottle.lock('mine').acquire('one');
    expect(lock.isHeld).toBe(true);
    const refused = { code: 'PERMISSION_DENIED', reason: 'driver-error', details: { driverCode: 'NOPERM' } };
    await expect(target.bottle.cache('elsewhere').get('a')).rejects.toMatchObject(refused);
    await expect(cache.command('CONFIG', [], ['GET', 'dir'])).rejects.toMatchObject(refused);
  });

  it('with TLS whose certificate is renewed goes on, and one that nobody knows is refused', async () => {
    const cache = target.bottle.cache('secure');
    const present = async ({ cert, key }: { cert: string; key: string }): Promise<void> => {
      const files = ['tls-cert-file', fileOf('next.crt', cert), 'tls-key-file', fileOf('next.key', key)];
      await target.bottle.cache('admin').command('CONFIG', [], ['SET', ...files]);
      const others = ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes'];
      await target.bottle.cache('admin').command('CLIENT', [], others);
    };
    const works = (): Promise<boolean> => cache.set('a', 1).catch(() => false);
    await expect.poll(works, { timeout: 10_000 }).toBe(true);
    await present(renewed);
    await expect.poll(works, { timeout: 10_000 }).toBe(true);
    await present(strange);
    const readyz = async (): Promise<string> => (await target.pod.admin('/readyz')).text();
    await expect.poll(readyz, { timeout: 10_000 }).toMatch(/cache\.secure is not available.*certificate/);
    await present(renewed);
    await expect.poll(works, { timeout: 10_000 }).toBe(true);
  });
});
