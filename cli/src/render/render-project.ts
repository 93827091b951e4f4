// A project's manifests, group by group: what the pods run as and with, the pods, what leads to them, what scales and
// guards them. `bottle render` prints them in this order.
import { horizontalPodAutoscaler } from './autoscalers.ts';
import { deployment } from './deployment.ts';
import { kedaManifests } from './keda.ts';
import { canBeKnative, knativeService, podMonitor, QUEUE_PROXY_PORTS } from './knative.ts';
import type { Manifest } from './manifest.ts';
import {
  configMap,
  disruptionBudget,
  networkPolicy,
  rpcService,
  service,
  serviceAccount,
  serviceMonitor,
} from './objects.ts';
import type { OperatorFile } from './operator-file.ts';
import { planPods, type PodPlan, PORTS } from './pod-plan.ts';
import type { ProjectPlan } from './project-plan.ts';
import type { RenderOptions } from './render-options.ts';
import { routes } from './routes.ts';

/** Everything that Kubernetes needs to run the project. Throws RenderProblem with what is in the way. */
export function renderProject(plan: ProjectPlan, operator: OperatorFile, options: RenderOptions): Manifest[] {
  const pods = planPods(plan, operator);
  const routed = pods.filter((pod) => pod.routed);
  const [first] = pods;
  if (!first) return [];
  return [
    serviceAccount(first.service, options),
    ...pods.flatMap((pod) => podManifests({ pod, operator, options, routed })),
  ];
}

interface Surroundings {
  pod: PodPlan;
  operator: OperatorFile;
  options: RenderOptions;
  routed: readonly PodPlan[];
}

function podManifests({ pod, operator, options, routed }: Surroundings): Manifest[] {
  const given = { pod, operator, options };
  const config = configMap(pod, operator, options);
  if (options.variant === 'knative' && canBeKnative(pod)) {
    return [
      config,
      knativeService(given),
      disruptionBudget(pod, options),
      networkPolicy(pod, options, QUEUE_PROXY_PORTS),
      podMonitor(pod, options),
    ];
  }
  const open = [...(pod.group.kind === 'http' ? [PORTS.http] : []), ...(pod.rpc ? [PORTS.rpc] : [])];
  return [
    config,
    deployment(given),
    service(pod, options),
    ...(pod.rpc ? [rpcService(pod, options)] : []),
    ...(pod.routed ? routes(pod, { pods: routed, gatewayPath: operator.gatewayPath, options }) : []),
    ...(options.variant === 'keda' ? kedaManifests(pod, operator, options) : [horizontalPodAutoscaler(pod, options)]),
    disruptionBudget(pod, options),
    networkPolicy(pod, options, open),
    serviceMonitor(pod, options),
  ];
}
