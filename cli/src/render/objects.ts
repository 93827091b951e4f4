// What stands around the pods of a group.
import { secretName } from './containers.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, metadataOf, selectorOf } from './metadata.ts';
import type { OperatorFile } from './operator-file.ts';
import { type PodPlan, PORTS } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';

const EMPTY_CONFIG = '# Defaults: embedded drivers serve every resource, each pod for itself.\n';

/** Of objects that are no group's, so that no selector of a group finds them. */
function serviceLabels(service: string): Record<string, string> {
  return { 'app.kubernetes.io/name': service, 'app.kubernetes.io/managed-by': 'bottle' };
}

export function serviceAccount(service: string, options: RenderOptions): Manifest {
  return {
    comment:
      'Who the pods are: somebody without rights, whose token nobody gets, for nothing in a pod asks Kubernetes.',
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadataOf(service, serviceLabels(service), options),
      automountServiceAccountToken: false,
    },
  };
}

export function configMap(pod: PodPlan, operator: OperatorFile, options: RenderOptions): Manifest {
  const keys = [...operator.variables, ...operator.files];
  const required = keys.filter(({ optional }) => !optional).map(({ name }) => name);
  const optional = [...keys.filter((key) => key.optional).map(({ name }) => name), 'BOTTLE_ADMIN_TOKEN'];
  const secret =
    keys.length === 0
      ? `It names no credentials. The Secret ${secretName(pod)} may have a BOTTLE_ADMIN_TOKEN, for the sidecar alone.`
      : `Credentials are in the Secret ${secretName(pod)}, which you make and the sidecar alone gets:
${required.length > 0 ? `${required.join(', ')}; ` : ''}optionally ${optional.join(', ')}.`;
  return {
    comment: `The operator's file for the sidecar: where resources are, limits, telemetry.\n${secret}`,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      data: { 'sidecar.yml': pod.configText === '' ? EMPTY_CONFIG : pod.configText },
    },
  };
}

export function service(pod: PodPlan, options: RenderOptions): Manifest {
  const isHttp = pod.group.kind === 'http';
  return {
    comment: isHttp
      ? 'Where requests for these functions go, inside the cluster and from the Gateway.'
      : 'These pods fetch their events; nobody sends them requests. This finds them for Prometheus.',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        ...(isHttp ? {} : { clusterIP: 'None' }),
        selector: selectorOf(pod),
        ports: [
          ...(isHttp ? [{ name: 'http', port: 80, targetPort: PORTS.http, appProtocol: 'http' }] : []),
          ...(isHttp && pod.rpc
            ? [{ name: 'rpc', port: PORTS.rpc, targetPort: PORTS.rpc, appProtocol: 'kubernetes.io/h2c' }]
            : []),
          { name: 'metrics', port: PORTS.metrics, targetPort: PORTS.metrics },
        ],
      },
    },
  };
}

export function rpcService(pod: PodPlan, options: RenderOptions): Manifest {
  return {
    comment: `For callers that balance by themselves: every pod's address, for \`driver: functions\` and \`driver: grpc\`.`,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadataOf(`${pod.name}-rpc`, serviceLabels(pod.service), options),
      spec: {
        clusterIP: 'None',
        selector: selectorOf(pod),
        ports: [{ name: 'rpc', port: PORTS.rpc, targetPort: PORTS.rpc }],
      },
    },
  };
}

export function disruptionBudget(pod: PodPlan, options: RenderOptions): Manifest {
  return {
    comment: "Whoever empties a node takes one of these pods at a time; one that is not ready is in nobody's way.",
    object: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        maxUnavailable: 1,
        ...(options.legacySidecar ? {} : { unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
        selector: { matchLabels: selectorOf(pod) },
      },
    },
  };
}

/** `ports`: those that anybody may reach. */
export function networkPolicy(pod: PodPlan, options: RenderOptions, ports: readonly number[]): Manifest {
  const open = ports.map((port) => ({ protocol: 'TCP', port }));
  return {
    comment: `Who may reach the pods: ${open.length === 0 ? 'nobody' : 'everybody the serving port'}, and Prometheus the metrics.
No pod reaches the admin port (${PORTS.admin}); the kubelet does, from the node.`,
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        podSelector: { matchLabels: selectorOf(pod) },
        policyTypes: ['Ingress'],
        ingress: [
          ...(open.length === 0 ? [] : [{ ports: open }]),
          {
            from: [
              { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': options.monitoringNamespace } } },
            ],
            ports: [{ protocol: 'TCP', port: PORTS.metrics }],
          },
        ],
      },
    },
  };
}

export function serviceMonitor(pod: PodPlan, options: RenderOptions): Manifest {
  return {
    comment: 'Has Prometheus scrape every pod: the autoscaler and the dashboards live on it.',
    object: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        selector: { matchLabels: labelsOf(pod) },
        endpoints: [{ port: 'metrics', path: '/metrics', interval: '15s', scrapeTimeout: '5s' }],
      },
    },
  };
}
