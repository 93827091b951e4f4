import { findFreePort, startRedis, type TestServer } from '@bottle/test-servers';
import type { Bottle, CacheClient } from 'bottle-sdk';
import { waitFor } from '../harness/pod.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const MASTERS = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_000;

/** A real cluster: three masters, and a replica of the first one; a sidecar that knows it, and each of its nodes. */
export class RedisCluster {
  readonly nodes: readonly TestServer[];
  readonly target: SidecarTarget;
  readonly #buses: readonly number[];
  readonly #movedTo = new Map<number, number>();
  #ids: string[] = [];

  private constructor(nodes: readonly TestServer[], buses: readonly number[], target: SidecarTarget) {
    this.nodes = nodes;
    this.#buses = buses;
    this.target = target;
  }

  /** Rejects with ServerUnavailable where there is no Redis to start. */
  static async start(policy: object): Promise<RedisCluster> {
    const buses = await Promise.all(Array.from({ length: MASTERS + 1 }, findFreePort));
    const nodes = await Promise.all(
      buses.map((bus) => {
        const settings = { 'cluster-enabled': 'yes', 'cluster-port': bus, 'cluster-node-timeout': NODE_TIMEOUT_MS };
        const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
        return startRedis({ own: true, local: true, args });
      }),
    );
    const cluster = nodes.map(({ address }) => new URL(address).host);
    const whole = { driver: 'redis', cluster, policy };
    const single = nodes.map(({ address }, at) => [`node-${at}`, { driver: 'redis', url: address }]);
    const cache = { whole, ...Object.fromEntries(single) };
    const started = new RedisCluster(nodes, buses, await openSidecar({ cache, lock: { whole } }));
    await started.#form();
    return started;
  }

  get bottle(): Bottle {
    return this.target.bottle;
  }

  async stop(): Promise<void> {
    await this.target.close();
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** A command to one of its nodes. */
  async ask(node: number, name: string, ...args: (string | number)[]): Promise<string> {
    return String(await this.#node(node).command(name, [], args));
  }

  /** The master that has the slot of a key. */
  async ownerOf(key: string): Promise<{ slot: number; node: number }> {
    const slot = Number(await this.ask(0, 'CLUSTER', 'KEYSLOT', key));
    const first = Math.floor((slot * MASTERS) / SLOTS);
    return { slot, node: this.#movedTo.get(slot) ?? first };
  }

  /** Moves a slot from one node to another, key by key, as `redis-cli --cluster reshard` does. */
  async move(slot: number, from: number, to: number): Promise<void> {
    const [source = '', destination = ''] = [this.#ids[from], this.#ids[to]];
    const { port } = new URL(this.nodes[to]?.address ?? '');
    await this.ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await this.ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', destination);
    for (;;) {
      const keys = (await this.#node(from).command('CLUSTER', [], ['GETKEYSINSLOT', slot, 10])) as Buffer[];
      if (keys.length === 0) break;
      for (const key of keys) await this.ask(from, 'MIGRATE', '127.0.0.1', port, String(key), 0, 1_000);
    }
    for (const node of [to, from]) await this.ask(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', destination);
    this.#movedTo.set(slot, to);
  }

  async #form(): Promise<void> {
    const all = this.nodes.map((_, at) => at);
    await waitFor(async () => (await Promise.all(all.map((at) => this.ask(at, 'PING')))).length === all.length, 15_000);
    this.#ids = await Promise.all(all.map((at) => this.ask(at, 'CLUSTER', 'MYID')));
    for (const at of all.slice(0, MASTERS)) {
      const [from, to] = [at, at + 1].map((part) => Math.floor((part * SLOTS) / MASTERS));
      await this.ask(at, 'CLUSTER', 'ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1);
      await this.ask(at, 'CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
    }
    for (const at of all.slice(1)) {
      const { port } = new URL(this.nodes[at]?.address ?? '');
      await this.ask(0, 'CLUSTER', 'MEET', '127.0.0.1', port, this.#buses[at] ?? 0);
    }
    const says = (at: number, words: string): Promise<boolean> =>
      this.ask(at, 'CLUSTER', 'INFO').then((info) => info.includes(words));
    await waitFor(async () => says(MASTERS, `cluster_known_nodes:${all.length}`), 15_000);
    await waitFor(async () => this.ask(MASTERS, 'CLUSTER', 'REPLICATE', this.#ids[0] ?? '').then(() => true), 15_000);
    for (const at of all) await waitFor(() => says(at, 'cluster_state:ok'), 15_000);
    await waitFor(
      () => this.ask(MASTERS, 'INFO', 'replication').then((info) => info.includes('link_status:up')),
      15_000,
    );
    await waitFor(() => this.bottle.cache('whole').set('formed', 1), 15_000);
  }

  #node(at: number): CacheClient {
    return this.bottle.cache(`node-${at}`);
  }
}
