// A proxy between the pod and its servers that resets what is idle, as load balancers and firewalls do.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openSidecar, type SidecarTarget } from './target.ts';

const IDLE_MS = 300;
const [redisUrl, mysqlUrl] = [inject('redisUrl'), inject('mysqlUrl')];
const servers: Server[] = [];
let resets = 0;

/** The address, with the proxy's port. */
async function behindProxy(address: string): Promise<string> {
  const url = new URL(address);
  const { hostname: host, port } = url;
  const server = createServer((client) => {
    const backend = connect(Number(port), host);
    const reset = (): void => {
      resets += 1;
      client.resetAndDestroy();
      backend.resetAndDestroy();
    };
    let timer = setTimeout(reset, IDLE_MS);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        clearTimeout(timer);
        timer = setTimeout(reset, IDLE_MS);
        to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        clearTimeout(timer);
        to.destroy();
      });
    };
    pass(client, backend);
    pass(backend, client);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  url.port = String((server.address() as { port: number }).port);
  return url.href;
}

describe.skipIf(redisUrl === undefined || mysqlUrl === undefined)(
  'connections that are reset when they are idle',
  () => {
    let target: SidecarTarget;
    beforeAll(async () => {
      target = await openSidecar({
        cache: { main: { driver: 'redis', url: await behindProxy(redisUrl ?? ''), keyPrefix: `idle-${process.pid}:` } },
        lock: { main: { driver: 'redis', url: await behindProxy(redisUrl ?? ''), keyPrefix: `idle-${process.pid}:` } },
        db: { main: { driver: 'mysql', url: await behindProxy(mysqlUrl ?? '') } },
      });
    });
    afterAll(async () => {
      await target?.close();
      for (const server of servers) server.close();
    });

    it('fail no call that comes after, and none of many at once', async () => {
      const { bottle } = target;
      const cache = bottle.cache<number>('main');
      for (let turn = 1; turn <= 6; turn++) {
        await Promise.all(
          Array.from({ length: 20 }, async () => {
            await cache.increment('turns');
            await bottle.db('main').sql`select ${turn} as turn`;
          }),
        );
        await bottle.lock('main').withLock('turn', { lease: '5s' }, () => {});
        await delay(IDLE_MS * 2.5);
      }
      expect(await cache.get('turns')).toBe(120);
      expect(resets).toBeGreaterThan(15);
    });
  },
);
