import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT, TestProcess } from './process.ts';

export interface TestPodOptions {
  /** A folder of e2e/functions, or a path. */
  project: string;
  sidecarArgs?: readonly string[];
  runtimeArgs?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** A sidecar and a function container, started one by one. */
export class TestPod {
  readonly socketDir: string = mkdtempSync(join(tmpdir(), 'bt-'));
  readonly #options: TestPodOptions;
  readonly #started: TestProcess[] = [];
  port = 0;
  adminPort = 0;
  /** Of the gRPC server, once it listens; see `untilRpc`. */
  rpcPort = 0;

  constructor(options: TestPodOptions) {
    this.#options = options;
  }

  /** Both, ready to serve. */
  static async start(options: TestPodOptions): Promise<TestPod & { sidecar: TestProcess; runtime: TestProcess }> {
    const pod = new TestPod(options);
    const runtime = pod.startRuntime();
    const sidecar = await pod.startSidecar();
    await pod.untilReady();
    return Object.assign(pod, { sidecar, runtime });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  startRuntime(): TestProcess {
    const { project, runtimeArgs = [], env } = this.#options;
    const directory = project.startsWith('/') ? project : join(ROOT, 'e2e/functions', project);
    return this.#track(
      new TestProcess(
        [join(ROOT, 'function-runtime/src/main.ts'), directory, '--socket-dir', this.socketDir, ...runtimeArgs],
        env,
      ),
    );
  }

  /** Keeps its ports when it is started again. */
  async startSidecar(): Promise<TestProcess> {
    const { sidecarArgs = [], env } = this.#options;
    const ports = [
      '--port',
      String(this.port),
      '--admin-port',
      String(this.adminPort),
      '--rpc-port',
      String(this.rpcPort),
    ];
    const sidecar = this.#track(
      new TestProcess(
        [
          join(ROOT, 'sidecar/src/main.ts'),
          ...ports,
          '--host',
          '127.0.0.1',
          '--socket-dir',
          this.socketDir,
          ...sidecarArgs,
        ],
        env,
      ),
    );
    const { port, adminPort } = await sidecar.said('sidecar listens');
    this.port = Number(port);
    this.adminPort = Number(adminPort);
    return sidecar;
  }

  admin(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`, init);
  }

  /** Returns how long it took, in milliseconds. */
  async untilReady(): Promise<number> {
    const startedAt = performance.now();
    let answer = 'nothing';
    const isReady = async (): Promise<boolean> => {
      const response = await this.admin('/readyz');
      answer = await response.text();
      return response.ok;
    };
    await waitFor(isReady, 30_000).catch((cause: unknown) => {
      const logs = this.#started.slice(-2).map(({ lines }) => JSON.stringify(lines.slice(-5)));
      throw new Error(`the pod is not ready: ${answer}\n${logs.join('\n')}`, { cause });
    });
    return performance.now() - startedAt;
  }

  /** Settles with the port of the gRPC server when a sidecar has said it. */
  async untilRpc(sidecar: TestProcess): Promise<number> {
    const { rpcPort } = await sidecar.said('rpc port listens');
    this.rpcPort = Number(rpcPort);
    return this.rpcPort;
  }

  async end(): Promise<void> {
    for (const started of this.#started) await started.end();
    rmSync(this.socketDir, { recursive: true, force: true });
  }

  #track(started: TestProcess): TestProcess {
    this.#started.push(started);
    return started;
  }
}

/** Asks again every few milliseconds until it holds; rejections count as not yet. */
export async function waitFor(condition: () => Promise<boolean> | boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (
    !(await Promise.resolve()
      .then(condition)
      .catch(() => false))
  ) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await delay(10);
  }
}
