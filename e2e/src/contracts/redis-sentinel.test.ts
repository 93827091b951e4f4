// A real Redis behind a Sentinel: its master dies under load, and the replica takes over.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort, requireProgram, startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { Counting } from './counting.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const TIMEOUT_MS = 1_000;
const DOWN_AFTER_MS = 1_000;
const own = { own: true, local: true };

const master = await unlessUnavailable(startRedis(own));
afterAll(() => master?.stop());

describe.skipIf(master === undefined)('a Redis behind a Sentinel', () => {
  const first = master as TestServer;
  let replica: TestServer;
  let sentinel: ChildProcess;
  let directory: string;
  let target: SidecarTarget;
  beforeAll(async () => {
    const { port } = new URL(first.address);
    replica = await startRedis({ ...own, args: ['--replicaof', '127.0.0.1', port] });
    directory = mkdtempSync(join(tmpdir(), 'bt-sentinel-'));
    const sentinelPort = await findFreePort();
    const file = join(directory, 'sentinel.conf');
    const settings = [
      `port ${sentinelPort}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `sentinel monitor main 127.0.0.1 ${port} 1`,
      `sentinel down-after-milliseconds main ${DOWN_AFTER_MS}`,
      'sentinel failover-timeout main 5000',
    ];
    writeFileSync(file, `${settings.join('\n')}\n`);
    sentinel = spawn(await requireProgram('redis-server', 'valkey-server'), [file, '--sentinel'], { stdio: 'ignore' });
    const policy = { timeoutMs: TIMEOUT_MS };
    const main = { driver: 'redis', sentinels: { name: 'main', nodes: [`127.0.0.1:${sentinelPort}`] }, policy };
    const asked = { driver: 'redis', url: `redis://127.0.0.1:${sentinelPort}`, policy };
    const second = { driver: 'redis', url: replica.address, policy };
    target = await openSidecar({ cache: { main, sentinel: asked, replica: second }, lock: { main } });
    await waitFor(() => target.bottle.cache('main').set('formed', 1), 15_000);
    const says = async (who: string, section: string, words: string): Promise<boolean> =>
      String(await target.bottle.cache(who).command('INFO', [], [section])).includes(words);
    await waitFor(() => says('sentinel', 'sentinel', 'slaves=1'), 20_000);
    await waitFor(() => says('replica', 'replication', 'master_link_status:up'), 20_000);
  });
  afterAll(async () => {
    await target?.close();
    if (sentinel?.exitCode === null) {
      sentinel.kill('SIGKILL');
      await once(sentinel, 'exit');
    }
    await replica?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('whose master dies under load goes on with the replica, and says of which calls it does not know', async () => {
    const cache = target.bottle.cache('main');
    const locks = target.bottle.lock('main');
    const before = await locks.acquire('one', { lease: '2s' });
    const load = new Counting(cache, 'dying');
    await waitFor(() => load.promised.size === 16, 5_000);
    await delay(500);
    const promised = [...load.promised.values()].reduce((sum, each) => sum + each, 0);
    await first.kill();
    const more = async (): Promise<boolean> =>
      [...load.promised.values()].reduce((sum, each) => sum + each, 0) > promised + 500;
    await waitFor(more, 30_000);
    const { lost, more: unpromised, uncertain } = await load.stop();
    const { slowestMs, silentMs } = load;
    const figures = {
      slowestMs: Math.round(slowestMs),
      silentMs: Math.round(silentMs),
      lost,
      more: unpromised,
      uncertain,
    };
    const failures = Object.fromEntries(load.failures);
    process.stdout.write(`sentinel, master died: ${JSON.stringify({ ...figures, failures })}\n`);
    expect(unpromised).toBeLessThanOrEqual(uncertain);
    expect(slowestMs).toBeLessThan(TIMEOUT_MS + 500);
    await waitFor(() => before.signal.aborted || before.isHeld, 5_000);
    await before.release();
    await using after = await locks.acquire('one', { wait: '5s' });
    expect(after.fencingToken).toBeGreaterThan(before.fencingToken);
  });
});
