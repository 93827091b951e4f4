import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOperatorFile } from '../cli/src/render/operator-file.ts';
import { readProjectPlan } from '../cli/src/render/project-plan.ts';
import { renderProject } from '../cli/src/render/render-project.ts';
import { manifestFiles, writeManifests } from '../cli/src/render/write-manifests.ts';

const PROJECT = 'examples/light-store';
export const KUBERNETES_BASE = 'deploy/kubernetes/base';

/** light-store on real servers: `npx bottle render` with its defaults. */
function renderBase(root: string) {
  const plan = readProjectPlan(join(root, PROJECT));
  if (typeof plan === 'number') throw new Error(`${PROJECT} cannot be rendered: exit code ${plan}`);
  const operator = parseOperatorFile(readFileSync(join(root, PROJECT, 'sidecar.real.yml'), 'utf8'), 'sidecar.real.yml');
  return renderProject(plan, operator, {
    variant: 'deployment',
    image: 'light-store:0.1.0',
    sidecarImage: 'bottle-sidecar:0.1.0',
    namespace: undefined,
    replicas: 2,
    maxReplicas: 10,
    legacySidecar: false,
    hosts: [],
    gateway: { name: 'gateway', namespace: undefined },
    monitoringNamespace: 'monitoring',
    prometheusUrl: 'http://prometheus-operated.monitoring.svc:9090',
    env: {},
  });
}

/** The files of KUBERNETES_BASE, by name. */
export function kubernetesBaseFiles(root: string): Record<string, string> {
  return manifestFiles(renderBase(root));
}

export async function writeKubernetesBase(root: string): Promise<void> {
  await writeManifests(join(root, KUBERNETES_BASE), renderBase(root));
}
