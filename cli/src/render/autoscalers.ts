import { type Manifest } from './manifest.ts';
import { labelsOf, metadataOf } from './metadata.ts';
import type { PodPlan } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';

/** Of the requested CPU of both containers, in percent. */
export const CPU_TARGET = 70;

/** Out fast, in slowly: a pod that is not needed costs little, one that is missing costs requests. */
export const SCALING_BEHAVIOUR = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }] },
};

/** By CPU, and by what the sidecar counts, which the cluster's custom metrics API must offer; see docs/kubernetes.md. */
export function horizontalPodAutoscaler(pod: PodPlan, options: RenderOptions): Manifest {
  return {
    comment: `How many pods: by CPU, by requests under way, and by requests that wait for a place.
The latter two are the sidecar's metrics, from the custom metrics API (prometheus-adapter).`,
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: pod.name },
        minReplicas: options.replicas,
        maxReplicas: options.maxReplicas,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_TARGET } },
          },
          podsMetric('bottle_in_flight', pod.inFlightTarget),
          podsMetric('bottle_waiting', 1),
        ],
        behavior: SCALING_BEHAVIOUR,
      },
    },
  };
}

function podsMetric(name: string, averageValue: number): object {
  return {
    type: 'Pods',
    pods: { metric: { name }, target: { type: 'AverageValue', averageValue: String(averageValue) } },
  };
}
