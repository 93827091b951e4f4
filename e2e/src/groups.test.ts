// Deployment density: the manifests of one project say which functions a pod has and where the others are; here they are
// obeyed with processes instead of containers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { TestPod } from './harness/pod.ts';
import { ROOT } from './harness/process.ts';

interface Container {
  name: string;
  env: { name: string; value?: string }[];
}
interface KubernetesObject {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { template?: { spec: { containers: Container[]; initContainers: Container[] } } };
}

const scratch = mkdtempSync(join(tmpdir(), 'groups-'));
const pods: TestPod[] = [];
let objects: KubernetesObject[];
beforeAll(() => {
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'cli/bin/bottle.js'), 'render', join(ROOT, 'e2e/functions/groups')],
    { encoding: 'utf8' },
  );
  objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
});
afterAll(async () => {
  await Promise.all(pods.map((pod) => pod.end()));
  rmSync(scratch, { recursive: true });
});

/** A pod with the functions and the sidecar.yml of a Deployment; `addresses` is what DNS would say. */
async function startDeployment(name: string, addresses: Readonly<Record<string, string>> = {}) {
  const find = (kind: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  const spec = find('Deployment')?.spec?.template?.spec;
  const environmentOf = ([container]: Container[] = []): Record<string, string | undefined> =>
    Object.fromEntries((container?.env ?? []).map((variable) => [variable.name, variable.value]));
  const settings = environmentOf(spec?.initContainers);
  const config = join(scratch, `${name}.yml`);
  const text = find('ConfigMap')?.data?.['sidecar.yml'] ?? '';
  writeFileSync(
    config,
    text.replace(/dns: ([\w-]+):9090/g, (_whole, host: string) => `addresses: ["${addresses[host]}"]`),
  );
  const pod = await TestPod.start({
    project: 'groups',
    env: { BOTTLE_FUNCTIONS: environmentOf(spec?.containers)['BOTTLE_FUNCTIONS'] ?? '' },
    sidecarArgs: `--config ${config} --drain-propagation-ms 0 --rpc-host 127.0.0.1 --rpc-port 0 --rpc-enabled`
      .split(' ')
      .concat(settings['BOTTLE_RPC_ENABLED'] ?? 'false'),
  });
  pods.push(pod);
  const { rpcPort } = await pod.sidecar.said('sidecar listens');
  return Object.assign(pod, { rpcPort: Number(rpcPort) });
}

const answer = async (
  pod: TestPod,
  path: string,
): Promise<{ pid: number; price: { item: string; cents: number; pid: number } }> =>
  (await (await fetch(`${pod.url}${path}`)).json()) as never;

describe('the same code', () => {
  it('is one pod with all functions when nobody says otherwise', async () => {
    const pod = await TestPod.start({ project: 'groups' });
    pods.push(pod);
    const { price, pid } = await answer(pod, '/show/lamp');
    expect(price).toEqual({ item: 'lamp', cents: 8_900, pid });
    expect((await answer(pod, '/list')).pid).toBe(pid);
  });
  it('is three kinds of pods by their manifests, each with its own functions, and answers the same', async () => {
    const prices = await startDeployment('groups-prices');
    const [shows, lists] = await Promise.all([
      startDeployment('groups', { 'groups-prices-rpc': `127.0.0.1:${prices.rpcPort}` }),
      startDeployment('groups-lists'),
    ]);
    const { price, pid } = await answer(shows, '/show/lamp');
    expect(price).toMatchObject({ item: 'lamp', cents: 8_900, pid: prices.runtime.pid });
    expect(pid).toBe(shows.runtime.pid);
    expect((await answer(lists, '/list')).pid).toBe(lists.runtime.pid);
    expect((await fetch(`${shows.url}/list`)).status).toBe(404);
    expect((await fetch(`${lists.url}/show/lamp`)).status).toBe(404);
  });
});
