import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import type { Bottle } from 'bottle-sdk';
import { createFakeBottle, type FakeResourcesOptions } from 'bottle-sdk/testing';
import { TestPod } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

/** What a contract suite runs against: a bottle, wherever its calls go. */
export interface ContractTarget {
  bottle: Bottle;
  close(): Promise<void>;
}

/** A bottle behind a real sidecar process. */
export interface SidecarTarget extends ContractTarget {
  pod: TestPod;
  sidecar: TestProcess;
  /** Where embedded drivers keep their files. */
  dataDir: string;
}

const TIMEOUT_MS = 120_000;

/** The in-process fake of bottle-sdk/testing. */
export async function openFake(options: FakeResourcesOptions = {}): Promise<ContractTarget> {
  const fake = createFakeBottle(options);
  return { bottle: fake.bottle, close: () => fake.close() };
}

/** A real sidecar with these `resources` of sidecar.yml, and this in its environment; without any, the embedded drivers serve every name. */
export async function openSidecar(
  resources: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<SidecarTarget> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bottle-data-'));
  const config = join(dataDir, 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ dataDir, grants: 'warn', resources }));
  const pod = new TestPod({ project: 'none', sidecarArgs: ['--config', config], env });
  const sidecar = await pod.startSidecar();
  const connected = await connectBottle(pod.socketDir, TIMEOUT_MS);
  return {
    bottle: connected.bottle,
    pod,
    sidecar,
    dataDir,
    async close() {
      connected.close();
      await pod.end();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
