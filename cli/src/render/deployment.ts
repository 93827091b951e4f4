import { createHash } from 'node:crypto';
import {
  type Container,
  type ContainerOptions,
  functionContainer,
  sidecarContainer,
  USER_ID,
  volumesOf,
} from './containers.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, metadataOf, selectorOf } from './metadata.ts';
import type { PodPlan } from './pod-plan.ts';

/** The pods of one group. How many is the autoscaler's to say, so `replicas` is left out. */
export function deployment(given: ContainerOptions): Manifest {
  const { pod, options } = given;
  const podPath = ['spec', 'template', 'spec'];
  const sidecarPath = [...podPath, options.legacySidecar ? 'containers' : 'initContainers'];
  const functionPath = [...podPath, 'containers', options.legacySidecar ? 1 : 0];
  return {
    comment: `The pods that ${pod.group.kind === 'http' ? 'answer requests' : 'consume events'} with the functions
${wrapped(pod.functions.map(({ name }) => name))}.
An update starts new pods before it takes old ones away; none of the promised ones is ever missing.`,
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        revisionHistoryLimit: 5,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
        selector: { matchLabels: selectorOf(pod) },
        template: {
          metadata: { labels: labelsOf(pod), annotations: configHash(pod) },
          spec: {
            serviceAccountName: pod.service,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: pod.drain.graceSec,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: USER_ID,
              runAsGroup: USER_ID,
              fsGroup: USER_ID,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: selectorOf(pod) },
              ...(options.legacySidecar ? {} : { matchLabelKeys: ['pod-template-hash'] }),
            })),
            ...containersOf(sidecarContainer(given), functionContainer(given), options.legacySidecar),
            volumes: volumesOf(given),
          },
        },
      },
    },
    notes: [
      {
        path: [...podPath, 'terminationGracePeriodSeconds'],
        text: `The drain: ${pod.drain.propagationMs / 1_000} s in which the endpoint's end spreads, ${pod.drain.budgetMs / 1_000} s for ${
          pod.drain.budgetByOperator ? 'requests, as sidecar.yml says' : 'the longest request'
        }, and some slack.`,
      },
      {
        path: sidecarPath,
        text: options.legacySidecar
          ? 'Two plain containers: they start and stop side by side.'
          : 'A native sidecar: it starts before the functions, which use the bottle while they load, and stops after them.',
      },
      {
        path: [...sidecarPath, 0, 'lifecycle'],
        text: 'SIGTERM comes too late to begin the drain: when the pod is deleted, this does, and ends with it.',
      },
      {
        path: [...functionPath, 'lifecycle'],
        text: 'Keeps the functions until the drain is over; ends at once when only this container restarts.',
      },
    ],
  };
}

function containersOf(sidecar: Container, runtime: Container, legacy: boolean): object {
  if (legacy) return { containers: [sidecar, runtime] };
  const { name, image, ...rest } = sidecar;
  return { initContainers: [{ name, image, restartPolicy: 'Always', ...rest }], containers: [runtime] };
}

/** A changed sidecar.yml is a changed pod: it is rolled out like new code. */
export function configHash({ configText }: PodPlan): Record<string, string> {
  return { 'bottle.dev/config-hash': createHash('sha256').update(configText).digest('hex').slice(0, 16) };
}

/** Names in lines of a comment. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    const next = line === '' ? name : `${line}, ${name}`;
    if (next.length <= 110) lines[lines.length - 1] = next;
    else {
      lines[lines.length - 1] = `${line},`;
      lines.push(name);
    }
  }
  return lines.join('\n');
}
