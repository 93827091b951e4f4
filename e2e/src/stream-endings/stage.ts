import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { askHttp1, askHttp2, type AskOptions } from './clients.ts';
import { EndingsClient } from './grpc-client.ts';
import { type Peers, startPeers } from './peers.ts';

/** How long a record of a function may take. */
const RECORD_MS = 3_000;
/** No breaker and no repeats: each row meets its peer. */
const policy = { breaker: { failures: 1_000 }, retry: { attempts: 0 } };

/** Names that no other row has. */
let keys = 0;

/** The pod that all rows meet, and what stands around it. */
export class Stage {
  readonly peers: Peers;
  readonly #pod: TestPod;
  readonly #directory: string;
  readonly #processes: TestProcess[];
  sidecar: TestProcess;
  runtime: TestProcess;
  http2Port = 0;
  rpcPort = 0;
  /** The process that a row has killed and that is not there again. */
  killed: 'sidecar' | 'runtime' | undefined;
  /** The one that a row has killed, there again or not. */
  lastKilled: 'sidecar' | 'runtime' | undefined;
  /** Error lines that a row has looked at. */
  readonly explained = new Set<object>();
  #startedAt = 0;
  #settledAt: number | undefined;

  private constructor(
    pod: TestPod,
    processes: [sidecar: TestProcess, runtime: TestProcess],
    peers: Peers,
    dir: string,
  ) {
    this.#pod = pod;
    [this.sidecar, this.runtime] = processes;
    this.#processes = [...processes];
    this.peers = peers;
    this.#directory = dir;
  }

  static async start(): Promise<Stage> {
    const peers = await startPeers();
    const directory = mkdtempSync(join(tmpdir(), 'bt-endings-'));
    const config = join(directory, 'sidecar.yml');
    const resources = {
      http: { up: { baseUrl: peers.httpUrl, policy } },
      rpc: { peer: { driver: 'grpc', addresses: [peers.grpcAddress], policy } },
      db: { shop: { driver: 'sqlite', policy } },
      cache: { sessions: { driver: 'memory', policy } },
    };
    writeFileSync(
      config,
      JSON.stringify({
        dataDir: directory,
        grants: 'warn',
        http2: { enabled: true, port: 0, host: '127.0.0.1' },
        limits: { maxStreamBytes: 1_000_000 },
        resources,
      }),
    );
    const pod = new TestPod({ project: 'streams', sidecarArgs: ['--config', config] });
    const runtime = pod.startRuntime();
    const stage = new Stage(pod, [await pod.startSidecar(), runtime], peers, directory);
    await stage.untilReady();
    await stage.#warmUp();
    return stage;
  }

  /** What is opened once and stays open shall not look like something left behind. */
  async #warmUp(): Promise<void> {
    for (const kind of ['rows-good', 'subscription-left', 'fetch-good', 'send-good', 'up-good'])
      await this.http1(`/resource/${kind}`);
    await this.http1('/result/generator-good');
    await this.http2('/result/generator-good');
    await this.http1('/upload/pipeline', { method: 'POST', body: 'x' });
    await this.grpc((client) => client.down('good').seen);
  }

  async untilReady(): Promise<void> {
    await this.#pod.untilReady();
    this.http2Port = Number((await this.sidecar.said('sidecar listens'))['http2Port']);
    this.rpcPort = await this.#pod.untilRpc(this.sidecar);
  }

  /** The ending begins now; what was before is not counted. */
  mark(): void {
    this.#startedAt = performance.now();
    this.#settledAt = undefined;
  }

  /** The ending is over; what comes is not counted. */
  settle(): void {
    this.#settledAt ??= performance.now();
  }

  /** How long the ending took, in milliseconds. */
  get tookMs(): number {
    return (this.#settledAt ?? performance.now()) - this.#startedAt;
  }

  kill(which: 'sidecar' | 'runtime'): void {
    this.mark();
    this.killed = which;
    this.lastKilled = which;
    this[which].kill('SIGKILL');
  }

  get port(): number {
    return this.#pod.port;
  }

  http1(path: string, options?: AskOptions): Promise<string> {
    return askHttp1(this.port, path, options);
  }

  http2(path: string, options?: AskOptions): Promise<string> {
    return askHttp2(this.http2Port, path, options);
  }

  async grpc(use: (client: EndingsClient) => Promise<string>): Promise<string> {
    const client = new EndingsClient(`127.0.0.1:${this.rpcPort}`);
    try {
      return await use(client);
    } finally {
      client.close();
    }
  }

  /** A name under which a function leaves what it saw. */
  newKey(): string {
    keys += 1;
    return `k${keys}`;
  }

  /** What a function left under a key, as soon as it is there. */
  recordOf(key: string): Promise<string> {
    return this.recordIn(key, RECORD_MS);
  }

  async recordIn(key: string, timeoutMs: number): Promise<string> {
    let record = '';
    const isThere = async (): Promise<boolean> => {
      const answer = await this.http1(`/seen/${key}`);
      record = /^200 "(.*)", whole$/.exec(answer)?.[1] ?? '';
      return record !== '';
    };
    await waitFor(isThere, timeoutMs).catch(() => {});
    return record === '' ? 'nothing' : record;
  }

  /** The status of an answer, as soon as its head is here; its client leaves then. */
  statusOf(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = get({ port: this.port, host: '127.0.0.1', path, agent: false }, (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
    });
  }

  /** Settles when the sidecar has said everything of the requests until now. */
  async untilLogged(): Promise<void> {
    const path = `/seen/${this.newKey()}`;
    await this.http1(path);
    await this.sidecar.line((line) => line['path'] === path);
  }

  /** All that ran, those that were killed included. */
  get processes(): readonly TestProcess[] {
    return this.#processes;
  }

  async metrics(): Promise<Map<string, number>> {
    const text = await textOf(this.#pod.adminPort, '/metrics');
    return new Map(
      text.split('\n').flatMap((line) => {
        const at = line.lastIndexOf(' ');
        return line.startsWith('#') || at < 0 ? [] : [[line.slice(0, at), Number(line.slice(at + 1))] as const];
      }),
    );
  }

  /** What the two processes hold: open files, and what keeps the function process busy. */
  async held(): Promise<Record<string, number>> {
    const answer = await this.http1('/handles');
    const handles = JSON.parse(/^200 (".*"), whole$/.exec(answer)?.[1] ?? '"{}"') as string;
    return {
      'files of the sidecar': filesOf(this.sidecar),
      'files of the function process': filesOf(this.runtime),
      ...(JSON.parse(handles) as Record<string, number>),
    };
  }

  /** Starts again what was killed. */
  async restart(): Promise<void> {
    const { killed } = this;
    if (!killed) return;
    await this[killed].end();
    this[killed] = killed === 'sidecar' ? await this.#pod.startSidecar() : this.#pod.startRuntime();
    this.#processes.push(this[killed]);
    this.killed = undefined;
    await this.untilReady();
    await this.#warmUp();
  }

  /** What the peer saw of the last upload. */
  async uploadOf(): Promise<string> {
    await waitFor(() => this.peers.lastUpload() !== undefined, RECORD_MS).catch(() => {});
    return this.peers.lastUpload() ?? 'open';
  }

  async end(): Promise<void> {
    await this.#pod.end();
    this.peers.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** On a connection of its own, which is gone afterwards. */
function textOf(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.toArray().then((chunks) => resolve(Buffer.concat(chunks as Buffer[]).toString()), reject);
    }).on('error', reject);
  });
}

function filesOf({ pid }: TestProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
