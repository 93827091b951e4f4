import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPod } from '../../harness/pod.ts';
import { APP, SECRET } from '../../triggers/signed-client.ts';
import type { StartedPod } from '../stage.ts';
import type { DoorPorts } from './door.ts';

/** A pod with every door open. */
export interface DoorsStage {
  pod: StartedPod;
  ports: DoorPorts;
  end(): Promise<void>;
}

/** A pod of the functions in e2e/functions/doors, with an embedded queue. */
export async function openDoors(sidecarArgs: readonly string[] = []): Promise<DoorsStage> {
  const directory = mkdtempSync(join(tmpdir(), 'bt-d-'));
  const config = join(directory, 'sidecar.yml');
  const memory = { driver: 'memory' };
  const settings = {
    http2: { enabled: true, port: 0, host: '127.0.0.1' },
    rpc: { host: '127.0.0.1' },
    gateway: { apps: { [APP]: { secret: SECRET } } },
    resources: {
      cache: { gateway: memory, sessions: memory },
      lock: { timers: memory },
      mq: { queue: { driver: 'embedded', file: join(directory, 'queue.sqlite') } },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const pod = await TestPod.start({
    project: 'doors',
    sidecarArgs: ['--config', config, '--log-access', 'false', ...sidecarArgs],
  });
  const { http2Port } = await pod.sidecar.said('sidecar listens');
  return {
    pod,
    ports: { http: pod.port, http2: Number(http2Port), rpc: await pod.untilRpc(pod.sidecar) },
    async end() {
      await pod.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
