// The two containers of a pod: environment, hooks, probes, what they may write. Probes and hooks are asked of the sidecar's
// admin port, on the pod's address; none names a host.
import { type OperatorFile, type Reference, SECRETS_DIR } from './operator-file.ts';
import { type PodPlan, PORTS } from './pod-plan.ts';
import type { RenderOptions } from './render-options.ts';

const SOCKET_DIR = '/run/bottle';
const DATA_DIR = '/var/lib/bottle';
const CONFIG_DIR = '/etc/bottle/config';
/** User, group and fsGroup of both containers: the sockets and what they write belong to it. */
export const USER_ID = 10_001;

/** What the pod security level `restricted` asks of a container, and a root file system that nobody writes. */
const SECURITY_CONTEXT = {
  runAsNonRoot: true,
  runAsUser: USER_ID,
  runAsGroup: USER_ID,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A container of the manifests. */
export type Container = Readonly<Record<string, unknown>> & { name: string };

/** With it in the Secret, function code cannot use the admin port, which it could reach: the pod has one network. */
const ADMIN_TOKEN: Reference = { name: 'BOTTLE_ADMIN_TOKEN', optional: true };

interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: object;
}

export interface ContainerOptions {
  pod: PodPlan;
  operator: OperatorFile;
  options: RenderOptions;
}

/** Everything but hooks and probes, for variants that bring their own. */
export function bareSidecar(
  { pod, operator, options }: ContainerOptions,
  extra: Record<string, string> = {},
): Container {
  const settings: Record<string, string> = {
    BOTTLE_CONFIG: `${CONFIG_DIR}/sidecar.yml`,
    BOTTLE_SOCKET_DIR: SOCKET_DIR,
    BOTTLE_DATA_DIR: DATA_DIR,
    BOTTLE_HOST: '0.0.0.0',
    BOTTLE_PORT: String(PORTS.http),
    BOTTLE_ADMIN_HOST: '0.0.0.0',
    BOTTLE_ADMIN_PORT: String(PORTS.admin),
    BOTTLE_METRICS_ENABLED: 'true',
    BOTTLE_METRICS_HOST: '0.0.0.0',
    BOTTLE_METRICS_PORT: String(PORTS.metrics),
    ...(pod.rpc ? { BOTTLE_RPC_ENABLED: 'true', BOTTLE_RPC_HOST: '0.0.0.0', BOTTLE_RPC_PORT: String(PORTS.rpc) } : {}),
    BOTTLE_DRAIN_PROPAGATION_MS: String(pod.drain.propagationMs), // the grace period is made of these two
    BOTTLE_DRAIN_BUDGET_MS: String(pod.drain.budgetMs),
    ...extra,
  };
  const env: EnvironmentVariable[] = [
    ...Object.entries(settings).map(([name, value]) => ({ name, value })),
    ...[ADMIN_TOKEN, ...operator.variables].map(({ name, optional }) => ({
      name,
      valueFrom: { secretKeyRef: { name: secretName(pod), key: name, ...(optional ? { optional } : {}) } },
    })),
  ];
  return {
    name: 'sidecar',
    image: options.sidecarImage,
    env,
    ports: [
      ...(pod.group.kind === 'http' ? [{ name: 'http', containerPort: PORTS.http }] : []),
      ...(pod.rpc ? [{ name: 'rpc', containerPort: PORTS.rpc }] : []),
      { name: 'metrics', containerPort: PORTS.metrics },
      { name: 'admin', containerPort: PORTS.admin },
    ],
    resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    securityContext: SECURITY_CONTEXT,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'sockets', mountPath: SOCKET_DIR },
      { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
      ...(operator.files.length > 0 ? [{ name: 'secrets', mountPath: SECRETS_DIR, readOnly: true }] : []),
      { name: 'data', mountPath: DATA_DIR },
      { name: 'sidecar-tmp', mountPath: '/tmp' },
    ],
  };
}

/** The sidecar with its hook, and probes that ask about itself; readiness alone includes the function container. */
export function sidecarContainer(given: ContainerOptions): Container {
  return {
    ...bareSidecar(given),
    lifecycle: { preStop: { httpGet: { path: '/drain', port: PORTS.admin } } },
    startupProbe: probe('/livez', { periodSeconds: 1, failureThreshold: 30 }),
    livenessProbe: probe('/livez', { periodSeconds: 10, failureThreshold: 3 }),
    readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 2 }),
  };
}

/** No credentials, no ports, no probes of its own. */
export function bareFunction({ pod, options }: ContainerOptions): Container {
  const memory = `${pod.memoryMb}Mi`;
  return {
    name: 'function',
    image: options.image,
    env: [
      { name: 'BOTTLE_SOCKET_DIR', value: SOCKET_DIR },
      ...(pod.isWholeProject
        ? []
        : [{ name: 'BOTTLE_FUNCTIONS', value: pod.functions.map(({ name }) => name).join(',') }]),
    ],
    resources: { requests: { cpu: '500m', memory }, limits: { memory } },
    securityContext: SECURITY_CONTEXT,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'sockets', mountPath: SOCKET_DIR },
      { name: 'function-tmp', mountPath: '/tmp' },
    ],
  };
}

/** The function container; whether its event loop answers is asked through the sidecar. */
export function functionContainer(given: ContainerOptions): Container {
  return {
    ...bareFunction(given),
    lifecycle: { preStop: { httpGet: { path: '/wait-drained', port: PORTS.admin } } },
    startupProbe: probe('/function/live', { periodSeconds: 1, failureThreshold: 60 }),
    livenessProbe: probe('/function/live', { periodSeconds: 5, failureThreshold: 3 }),
  };
}

/** Where the containers may write, and what the sidecar reads. */
export function volumesOf({ pod, operator }: ContainerOptions): object[] {
  return [
    { name: 'sockets', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
    { name: 'config', configMap: { name: pod.name } },
    ...(operator.files.length > 0
      ? [
          {
            name: 'secrets',
            secret: {
              secretName: secretName(pod),
              defaultMode: 0o440,
              items: operator.files.map(({ name }) => ({ key: name, path: name })),
            },
          },
        ]
      : []),
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'sidecar-tmp', emptyDir: { sizeLimit: '64Mi' } },
    { name: 'function-tmp', emptyDir: { sizeLimit: '512Mi' } },
  ];
}

/** The operator makes it; nothing here has its values. */
export function secretName({ service }: Pick<PodPlan, 'service'>): string {
  return `${service}-secrets`;
}

/** The admin port waits up to a second for the function container before it answers. */
function probe(path: string, times: { periodSeconds: number; failureThreshold: number }): object {
  return { httpGet: { path, port: PORTS.admin }, timeoutSeconds: 2, ...times };
}
