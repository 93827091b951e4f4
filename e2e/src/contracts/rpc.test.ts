import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { certificates } from './certificates.ts';
import { describeFunctionsContract, type StockFunctions } from './rpc-contract.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

type Started = TestPod & { sidecar: TestProcess; runtime: TestProcess; rpcPort: number };

/** A pod of the service `stock`. */
async function startStockPod({ port = 0, settings = {} }: { port?: number; settings?: object } = {}): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'bottle-stock-'));
  const config = join(folder, 'sidecar.yml');
  const drain = { propagationMs: 300 };
  writeFileSync(config, JSON.stringify({ rpc: { enabled: true, host: '127.0.0.1', ...settings }, drain }));
  const pod = await TestPod.start({ project: 'stock', sidecarArgs: ['--config', config, '--rpc-port', String(port)] });
  const rpcPort = await pod.untilRpc(pod.sidecar);
  rmSync(folder, { recursive: true });
  return Object.assign(pod, { rpcPort });
}

const addressOf = ({ rpcPort }: Started): string => `127.0.0.1:${rpcPort}`;
const functions = (settings: object): object => ({ rpc: { stock: { driver: 'functions', ...settings } } });
const stockOf = ({ bottle }: SidecarTarget) => bottle.rpc.functions<StockFunctions>('stock');

describeFunctionsContract('the pods of another service', async () => {
  const pod = await startStockPod();
  const target = await openSidecar(functions({ addresses: [addressOf(pod)] }));
  return {
    bottle: target.bottle,
    async close() {
      await target.close();
      await pod.end();
    },
  };
});

describe('two pods of a service', () => {
  let pods: [Started, Started];
  let target: SidecarTarget;
  beforeAll(async () => {
    pods = await Promise.all([startStockPod(), startStockPod()]);
    target = await openSidecar(functions({ addresses: pods.map(addressOf) }));
    await waitFor(async () => (await pidsOf(10)).size === 2, 10_000);
  });
  afterAll(async () => {
    await target?.close();
    await Promise.all(pods.map((pod) => pod.end()));
  });

  /** How many of so many calls each pod answered. */
  async function pidsOf(calls: number): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (let at = 0; at < calls; at++) {
      const { pid } = await stockOf(target).facts();
      counts.set(pid, (counts.get(pid) ?? 0) + 1);
    }
    return counts;
  }

  it('share the calls', async () => {
    expect([...(await pidsOf(100)).values()]).toEqual([50, 50]);
  });
  it('lose only what is under way when one dies, and the other takes over', async () => {
    const [dying, other] = pods;
    const underWay = Array.from({ length: 20 }, () => stockOf(target).wait({ ms: 1_000 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    dying.sidecar.kill('SIGKILL');
    const outcomes = await Promise.allSettled(underWay);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(10);
    for (const outcome of outcomes.filter(({ status }) => status === 'rejected'))
      expect((outcome as PromiseRejectedResult).reason).toMatchObject({
        code: 'UNKNOWN',
        reason: 'outcome-unknown',
        outcome: 'unknown',
        details: { started: true },
      });
    expect(await pidsOf(50)).toEqual(new Map([[other.runtime.pid, 50]]));
  });
  it('share them again when it is back', async () => {
    const [first, second] = pods;
    pods = [await startStockPod({ port: first.rpcPort }), second];
    await waitFor(async () => (await pidsOf(10)).size === 2, 10_000);
    expect([...(await pidsOf(20)).values()]).toEqual([10, 10]);
    await first.end();
  });
  it('lose nothing when one is stopped in an orderly way under load', async () => {
    const [leaving, other] = pods;
    let stopping = false;
    const outcomes: unknown[] = [];
    const load = Array.from({ length: 8 }, async () => {
      while (!stopping)
        outcomes.push(
          await stockOf(target)
            .wait({ ms: 20 })
            .catch((error: unknown) => error),
        );
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    leaving.sidecar.kill('SIGTERM');
    expect(await leaving.sidecar.exit()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    stopping = true;
    await Promise.all(load);
    expect(outcomes.filter((outcome) => typeof outcome !== 'number')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(50);
    expect((await pidsOf(10)).get(other.runtime.pid)).toBe(10);
  });
});

describe('a call between services', () => {
  it('takes the trace, the baggage, the caller and the deadline along, and needs a grant', async () => {
    const stock = await startStockPod();
    const folder = mkdtempSync(join(tmpdir(), 'bottle-shop-'));
    const config = join(folder, 'sidecar.yml');
    writeFileSync(config, JSON.stringify({ resources: functions({ addresses: [addressOf(stock)] }) }));
    const shop = await TestPod.start({ project: 'shop', sidecarArgs: ['--config', config] });
    const traceId = 'a'.repeat(32);
    const headers = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, baggage: 'tenant=acme' };
    const { theirs } = (await (await fetch(`${shop.url}/relay`, { headers })).json()) as {
      theirs: { traceparent: string; baggage: string; caller: string; remainingMs: number; pid: number };
    };
    expect(theirs).toMatchObject({ baggage: 'tenant=acme', caller: 'relay', pid: stock.runtime.pid });
    expect(theirs.traceparent).toContain(traceId);
    expect(theirs.remainingMs).toBeLessThanOrEqual(5_000);
    const refused = await fetch(`${shop.url}/ungranted`);
    expect(refused.status).toBe(500);
    await shop.runtime.line(({ err }) => (err as Error | undefined)?.message.includes('uses: [rpc.stock]') === true);
    await Promise.all([shop.end(), stock.end()]);
    rmSync(folder, { recursive: true });
  });
  it('reaches functions of the same pod without a resource, results larger than a frame included', async () => {
    const shop = await TestPod.start({ project: 'shop' });
    expect(await (await fetch(`${shop.url}/both`)).json()).toEqual({ inner: 'hello you from both', large: 1_000_000 });
    await shop.end();
  });
  it('goes over TLS, and only from whom the service’s authority has signed', async () => {
    const { ca, cert, key, remove } = certificates();
    const stock = await startStockPod({ settings: { tls: { cert, key, clientCa: ca } } });
    const addresses = [addressOf(stock)];
    const tls = { ca, serverName: 'localhost' };
    const retry = { attempts: 0 };
    const target = await openSidecar({
      rpc: {
        stock: { driver: 'functions', addresses, tls: { ...tls, cert, key } },
        stranger: { driver: 'functions', addresses, tls, policy: { retry } },
        plain: { driver: 'functions', addresses, policy: { retry } },
      },
    });
    expect((await stockOf(target).facts()).pid).toBe(stock.runtime.pid);
    for (const service of ['stranger', 'plain'])
      await expect(target.bottle.rpc.invoke(`${service}/facts`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    remove();
    await target.close();
    await stock.end();
  });
  it('reaches a function by its own name in other pods, as if it were in this one', async () => {
    const stock = await startStockPod();
    const folder = mkdtempSync(join(tmpdir(), 'bottle-moved-'));
    const config = join(folder, 'sidecar.yml');
    const elsewhere = (address: string, name: string) => ({
      driver: 'functions',
      addresses: [address],
      function: name,
    });
    const rpc = { facts: elsewhere(addressOf(stock), 'facts'), gone: elsewhere('127.0.0.1:1', 'gone') };
    writeFileSync(config, JSON.stringify({ resources: { rpc } }));
    const target = await openSidecar({ rpc });
    expect(await target.bottle.rpc.invoke('facts')).toMatchObject({ pid: stock.runtime.pid });
    await target.close();
    const shop = await TestPod.start({ project: 'shop', sidecarArgs: ['--config', config] }); // is ready without `gone`
    expect(await (await fetch(`${shop.url}/both`)).json()).toEqual({ inner: 'hello you from both', large: 1_000_000 });
    await Promise.all([shop.end(), stock.end()]);
    rmSync(folder, { recursive: true });
  });
  it('says what to write when the name is that of a service', async () => {
    const target = await openSidecar(functions({ addresses: ['127.0.0.1:1'], policy: { retry: { attempts: 0 } } }));
    await expect(target.bottle.rpc.invoke('stock')).rejects.toThrow('"stock/<function>"');
    await expect(target.bottle.rpc.invoke('unknown/facts')).rejects.toMatchObject({ reason: 'no-resource' });
    await expect(target.bottle.rpc.invoke('stock/facts')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { started: false },
    });
    await target.close();
  });
});
