import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { ROOT } from '../harness/process.ts';
import { type Engine, run } from './engine.ts';

const POD = 'bottle-e2e';

interface Container {
  name: string;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
  startupProbe?: unknown;
  lifecycle?: unknown;
  ports?: { containerPort: number; hostPort?: number }[];
}

interface PodSpec {
  containers: Container[];
  restartPolicy?: string;
  topologySpreadConstraints?: unknown;
  serviceAccountName?: unknown;
}

type Document = { kind: string; metadata: { name: string }; spec?: { template?: { spec: PodSpec } } };

/** Two containers made of the manifest that Kubernetes gets, run by Podman. */
export class ContainerPod {
  readonly #engine: Engine;
  readonly #scratchDir: string;
  readonly ports: { http: number; admin: number };

  constructor(engine: Engine, scratchDir: string, ports: { http: number; admin: number }) {
    this.#engine = engine;
    this.#scratchDir = scratchDir;
    this.ports = ports;
  }

  /** Starts what `bottle render` writes for the light store, and waits until it is ready. */
  async start(): Promise<void> {
    const file = join(this.#scratchDir, 'pod.yml');
    await writeFile(file, (await this.#manifest()).map((document) => stringify(document)).join('---\n'));
    await this.#engine.run(['kube', 'play', file], { timeoutMs: 120_000 });
    await this.untilReady(60_000);
  }

  /** Milliseconds until the pod is ready. Throws when it is not in time. */
  async untilReady(timeoutMs: number): Promise<number> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < timeoutMs) {
      const answer = await fetch(`http://127.0.0.1:${this.ports.admin}/readyz`).catch(() => undefined);
      if (answer?.ok) return Math.round(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the pod is not ready after ${timeoutMs} ms:\n${await this.logs()}`);
  }

  /** Kills a container's process as the kernel would, so that the engine's restart policy takes over. */
  async kill(container: string): Promise<void> {
    process.kill(Number(await this.#inspect(container, '{{.State.Pid}}')), 'SIGKILL');
  }

  exitCode(container: string): Promise<string> {
    return this.#inspect(container, '{{.State.ExitCode}}');
  }

  /** Runs a program of JavaScript inside; the images need no shell. */
  async evaluate(container: string, code: string): Promise<string> {
    return (await this.#engine.run(['exec', `${POD}-${container}`, 'node', '-e', code])).trim();
  }

  /** Resolves when the drain is over. */
  async drain(): Promise<void> {
    await Promise.all(['/drain', '/wait-drained'].map((path) => fetch(`http://127.0.0.1:${this.ports.admin}${path}`)));
  }

  async stop(): Promise<void> {
    await this.#engine.run(['pod', 'stop', '--time', '60', POD], { timeoutMs: 120_000 });
  }

  async logs(): Promise<string> {
    const of = (name: string): Promise<string> =>
      this.#engine.run(['logs', '--tail', '20', `${POD}-${name}`]).catch((error: unknown) => String(error));
    return `${await of('sidecar')}\n${await of('function')}`;
  }

  async remove(): Promise<void> {
    await this.#engine.run(['pod', 'rm', '--force', '--ignore', POD]);
  }

  async #inspect(container: string, format: string): Promise<string> {
    return (await this.#engine.run(['inspect', '--format', format, `${POD}-${container}`])).trim();
  }

  /** The pod of the Deployment, without what only a kubelet does: probes and hooks. */
  async #manifest(): Promise<object[]> {
    const text = await run(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--conditions=source',
      join(ROOT, 'cli/src/main.ts'),
      'render',
      join(ROOT, 'examples/light-store'),
      '--legacy-sidecar',
      '--image=localhost/light-store:latest',
      '--sidecar-image=localhost/bottle-sidecar:latest',
    ]);
    const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
    const spec = documents.find(({ kind }) => kind === 'Deployment')?.spec?.template?.spec;
    if (!spec) throw new Error('bottle render wrote no Deployment');
    const { topologySpreadConstraints: _spread, serviceAccountName: _account, ...rest } = spec;
    const containers = spec.containers.map(
      ({
        livenessProbe: _live,
        readinessProbe: _ready,
        startupProbe: _startup,
        lifecycle: _lifecycle,
        ...container
      }) => ({
        ...container,
        imagePullPolicy: 'Never',
        ...(container.name === 'sidecar'
          ? {
              ports: [
                { containerPort: 8080, hostPort: this.ports.http },
                { containerPort: 9901, hostPort: this.ports.admin },
              ],
            }
          : {}),
      }),
    );
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: POD },
      spec: { ...rest, restartPolicy: 'Always', containers },
    };
    return [...documents.filter(({ kind }) => kind === 'ConfigMap'), pod];
  }
}
