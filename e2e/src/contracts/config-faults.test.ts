import { startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { BottleError, type ConfigClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEEN_WITHIN_MS } from './config-contract.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const seen = { timeout: SEEN_WITHIN_MS, interval: 5 };
const redis = await unlessUnavailable(startRedis({ own: true }));

describe.skipIf(!redis)('configuration in Redis, with two pods', () => {
  const server = redis as TestServer;
  let pods: SidecarTarget[];
  let [a, b]: (ConfigClient | undefined)[] = [];
  const clients = (): [ConfigClient, ConfigClient] => {
    if (!a || !b) throw new Error('not open');
    return [a, b];
  };
  beforeAll(async () => {
    const shared = { driver: 'redis', url: server.address, policy: { timeoutMs: 1_000 } };
    const resources = { config: { shared }, switches: { shared } };
    pods = await Promise.all([openSidecar(resources), openSidecar(resources)]);
    [a, b] = pods.map(({ bottle }) => bottle.config('shared'));
  });
  afterAll(async () => {
    await Promise.all(pods.map((pod) => pod.close()));
    await server.stop();
  });

  it('a change in one is seen by the other within a second', async () => {
    const [here, there] = clients();
    await here.set('push', 0);
    expect(await there.get('push')).toBe(0);
    for (let value = 1; value <= 5; value++) {
      await here.set('push', value);
      await expect.poll(() => there.get('push'), seen).toBe(value);
    }
    const [flags, others] = pods.map(({ bottle }) => bottle.switches('shared'));
    expect(await others?.isOn('promo')).toBe(false);
    await flags?.set('promo', { on: true });
    await expect.poll(() => others?.isOn('promo'), seen).toBe(true);
  });
  it('exactly one wins when both change the same revision', async () => {
    const [here, there] = clients();
    const { revision } = await here.set('race', 'start');
    const race = Array.from({ length: 20 }, (_, at) =>
      (at % 2 ? here : there).set('race', at, { expectedRevision: revision }),
    );
    expect((await Promise.allSettled(race)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
  it('values stay readable while Redis is dead, changes fail in time, and watchers go on afterwards', async () => {
    const [here, there] = clients();
    await here.set('outage', 'before');
    expect(await there.get('outage')).toBe('before');
    const watching = there.watch<string>('outage');
    expect((await watching.next()).value).toBe('before');
    await server.kill();
    const startedAt = performance.now();
    const error = await here.set('outage', 'lost').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BottleError);
    expect(error).toMatchObject({ details: { resource: 'config.shared', operation: 'set' } });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(await there.get('outage')).toBe('before');
    await server.restart();
    await expect
      .poll(
        () =>
          here.set('outage', 'after').then(
            () => true,
            () => false,
          ),
        { timeout: 5_000 },
      )
      .toBe(true);
    expect((await watching.next()).value).toBe('after');
    await expect.poll(() => there.get('outage'), seen).toBe('after');
    await watching.return(undefined);
  });
  it('a pod that missed the message sees the change when it is connected again', async () => {
    const [here, there] = clients();
    await here.set('missed', 1);
    const watching = there.watch<number>('missed');
    expect((await watching.next()).value).toBe(1);
    pods[1]?.sidecar.kill('SIGSTOP');
    await server.kill();
    await server.restart();
    await expect
      .poll(
        () =>
          here.set('missed', 2).then(
            () => true,
            () => false,
          ),
        { timeout: 5_000 },
      )
      .toBe(true);
    pods[1]?.sidecar.kill('SIGCONT');
    expect((await watching.next()).value).toBe(2);
    await watching.return(undefined);
  });
  it('nothing hangs while Redis is paused, and all goes on when it answers again', async () => {
    const [here, there] = clients();
    await here.set('paused', 1);
    expect(await there.get('paused')).toBe(1);
    await server.pause();
    const startedAt = performance.now();
    await expect(here.set('paused', 2)).rejects.toMatchObject({
      code: expect.stringMatching(/DEADLINE|UNAVAIL/) as string,
    });
    await expect(here.version('paused')).rejects.toBeInstanceOf(BottleError);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await there.get('paused')).toBe(1);
    await server.resume();
    await expect
      .poll(
        () =>
          here.set('paused', 3).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    await expect.poll(() => there.get('paused'), seen).toBe(3);
  });
  it('watchers outlive a sidecar that is killed and started again', async () => {
    const [here, there] = clients();
    await here.set('restart', 1);
    const watching = there.watch<number>('restart');
    expect((await watching.next()).value).toBe(1);
    expect(await there.get('restart')).toBe(1);
    pods[1]?.sidecar.kill('SIGKILL');
    await here.set('restart', 2);
    expect(await there.get('restart')).toBe(1); // the last that was known
    await pods[1]?.pod.startSidecar();
    expect((await watching.next()).value).toBe(2);
    await expect.poll(() => there.get('restart'), { timeout: 3_000 }).toBe(2);
    await watching.return(undefined);
  });
});
