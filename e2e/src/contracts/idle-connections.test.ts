// A proxy between the pod and its servers that resets what is idle, as load balancers and firewalls do.
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const IDLE_MS = 300;
/** Between two resets, far from both: whoever is asked something at the moment of one cannot know whether it was done. */
const AFTER_MS = 80;
const TURNS = 6;
const [redisUrl, mysqlUrl] = [inject('redisUrl'), inject('mysqlUrl')];

/** Resets each of its connections when nothing has come over it for a while. */
class ImpatientProxy {
  resets = 0;
  readonly #server = createServer((client) => this.#join(client));
  readonly #url: URL;

  constructor(address: string) {
    this.#url = new URL(address);
  }

  /** The address, with the proxy's port. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const url = new URL(this.#url);
    url.port = String((this.#server.address() as { port: number }).port);
    return url.href;
  }

  async nextReset(): Promise<void> {
    const before = this.resets;
    await waitFor(() => this.resets > before, 10_000);
    await delay(AFTER_MS);
  }

  close(): void {
    this.#server.close();
  }

  #join(client: Socket): void {
    const backend = connect(Number(this.#url.port), this.#url.hostname);
    const reset = (): void => {
      this.resets += 1;
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
  }
}

describe.skipIf(redisUrl === undefined || mysqlUrl === undefined)(
  'connections that are reset when they are idle',
  () => {
    const proxies = {
      cache: new ImpatientProxy(redisUrl ?? 'redis://none'),
      lock: new ImpatientProxy(redisUrl ?? 'redis://none'),
      db: new ImpatientProxy(mysqlUrl ?? 'mysql://none'),
    };
    let target: SidecarTarget;
    beforeAll(async () => {
      const keyPrefix = `idle-${process.pid}:`;
      target = await openSidecar({
        cache: { main: { driver: 'redis', url: await proxies.cache.listen(), keyPrefix } },
        lock: { main: { driver: 'redis', url: await proxies.lock.listen(), keyPrefix } },
        db: { main: { driver: 'mysql', url: await proxies.db.listen() } },
      });
    });
    afterAll(async () => {
      await target?.close();
      for (const proxy of Object.values(proxies)) proxy.close();
    });

    const twenty = (work: () => Promise<unknown>): Promise<unknown[]> => Promise.all(Array.from({ length: 20 }, work));

    it('fail no command of the cache, and none of many at once', async () => {
      const cache = target.bottle.cache<number>('main');
      for (let turn = 0; turn < TURNS; turn++) {
        await proxies.cache.nextReset();
        await twenty(() => cache.increment('turns'));
      }
      expect(await cache.get('turns')).toBe(20 * TURNS);
    });
    it('fail no lock', async () => {
      const tokens: bigint[] = [];
      for (let turn = 0; turn < TURNS; turn++) {
        await proxies.lock.nextReset();
        tokens.push(await target.bottle.lock('main').withLock('turn', { lease: '5s' }, (lock) => lock.fencingToken));
      }
      expect(new Set(tokens).size).toBe(TURNS);
    });
    it('fail no statement, of a whole pool of them', async () => {
      for (let turn = 0; turn < TURNS; turn++) {
        const before = proxies.db.resets;
        await twenty(async () => await target.bottle.db('main').sql`select sleep(0.02), ${turn} as turn`);
        await proxies.db.nextReset();
        await delay(IDLE_MS); // the last of the pool
        expect(proxies.db.resets).toBeGreaterThan(before + 1);
      }
    });
  },
);
