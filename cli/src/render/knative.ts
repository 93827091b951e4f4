import { bareFunction, bareSidecar, type Container, type ContainerOptions, volumesOf } from './containers.ts';
import { configHash } from './deployment.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, metadataOf, selectorOf } from './metadata.ts';
import { type PodPlan, PORTS } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';

/** Of Knative's own proxy, through which every request comes: plain and TLS. */
export const QUEUE_PROXY_PORTS = [8012, 8112];
/** Knative's default for max-revision-timeout-seconds. */
const MAX_TIMEOUT_SEC = 600;

/** Knative gives a pod one port, and fetches no events: other groups stay Deployments. */
export function canBeKnative({ group, rpc }: PodPlan): boolean {
  return group.kind === 'http' && !rpc;
}

/**
 * Knative refuses what it does itself: hooks, init containers, a grace period, security settings of the whole pod, and
 * probes of the second container. Its proxy drains before either container gets SIGTERM.
 */
export function knativeService(given: ContainerOptions): Manifest {
  const { pod, options } = given;
  const { ports: _all, ...sidecar } = bareSidecar(given, { BOTTLE_DRAIN_PROPAGATION_MS: '0' });
  const serving: Container = {
    ...sidecar,
    ports: [{ name: 'http1', containerPort: PORTS.http }],
    readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 2 }),
    livenessProbe: probe('/livez', { periodSeconds: 10, failureThreshold: 3 }),
  };
  return {
    comment: `A Knative Service: as many pods as there are requests for, and none when there are none. For the functions
${pod.functions.map(({ name }) => name).join(', ')}.`,
    object: {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        template: {
          metadata: {
            labels: labelsOf(pod),
            annotations: {
              'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
              'autoscaling.knative.dev/metric': 'concurrency',
              'autoscaling.knative.dev/target': String(pod.inFlightTarget),
              'autoscaling.knative.dev/min-scale': '0',
              'autoscaling.knative.dev/max-scale': String(options.maxReplicas),
              ...configHash(pod),
            },
          },
          spec: {
            serviceAccountName: pod.service,
            enableServiceLinks: false,
            timeoutSeconds: Math.min(pod.longestTimeoutSec, MAX_TIMEOUT_SEC),
            containers: [serving, bareFunction(given)],
            volumes: volumesOf(given),
          },
        },
      },
    },
  };
}

export function podMonitor(pod: PodPlan, options: RenderOptions): Manifest {
  return {
    comment: 'Has Prometheus scrape every pod; Knative names its Services itself, so the pods are found directly.',
    object: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        selector: { matchLabels: selectorOf(pod) },
        podMetricsEndpoints: [{ portNumber: PORTS.metrics, path: '/metrics', interval: '15s', scrapeTimeout: '5s' }],
      },
    },
  };
}

function probe(path: string, times: { periodSeconds: number; failureThreshold: number }): object {
  return { httpGet: { path, port: PORTS.admin }, timeoutSeconds: 2, successThreshold: 1, ...times };
}
