import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPod } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

export type StartedPod = Awaited<ReturnType<typeof TestPod.start>>;

/** What the measurements run against. */
export interface OverloadStage {
  pod: StartedPod;
  plainPort: number;
  end(): Promise<void>;
}

/** Places of the bulkhead before the slow dependency. */
const DEPENDENCY_PLACES = 160;

/** A pod of the functions in e2e/functions/overload, the dependency that they call, and a plain Node.js server. */
export async function openStage(sidecarArgs: readonly string[] = []): Promise<OverloadStage> {
  const directory = mkdtempSync(join(tmpdir(), 'bt-o-'));
  const dependency = await slowServer();
  const config = join(directory, 'sidecar.yml');
  const slow = {
    baseUrl: `http://127.0.0.1:${portOf(dependency)}`,
    connections: 1_000,
    policy: { timeoutMs: 30_000, bulkhead: { concurrency: DEPENDENCY_PLACES } },
  };
  writeFileSync(config, JSON.stringify({ resources: { http: { slow }, lock: { timers: { driver: 'memory' } } } }));
  const pod = await TestPod.start({
    project: 'overload',
    sidecarArgs: ['--config', config, '--log-access', 'false', ...sidecarArgs],
  });
  const plain = new TestProcess([join(ROOT, 'e2e/src/overload/plain-server.ts')]);
  const { port } = await plain.said('listens');
  return {
    pod,
    plainPort: Number(port),
    async end() {
      await pod.end();
      await plain.end();
      dependency.closeAllConnections();
      dependency.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function slowServer(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      const ms = Number(new URL(request.url ?? '/', 'http://test').searchParams.get('ms') ?? 0);
      setTimeout(() => response.end('done'), ms);
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
