import { CPU_TARGET, SCALING_BEHAVIOUR } from './autoscalers.ts';
import { secretName } from './containers.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, metadataOf } from './metadata.ts';
import type { OperatorFile } from './operator-file.ts';
import type { PodPlan } from './pod-plan.ts';
import { RenderProblem } from './render-problem.ts';
import type { RenderOptions } from './render-options.ts';

/** Rounds of what a pod has under way that may wait in a topic before there should be one more pod. */
const LAG_ROUNDS = 10;
const SASL_MODES: Readonly<Record<string, string>> = {
  plain: 'plaintext',
  'scram-sha-256': 'scram_sha256',
  'scram-sha-512': 'scram_sha512',
};

interface Trigger {
  type: string;
  metadata: Record<string, string>;
  metricType?: string;
  authenticationRef?: { name: string };
}

/**
 * KEDA in the place of the autoscaler: the same figures straight from Prometheus, and the lag of the topics that the
 * functions consume. Pods that do nothing but consume topics go down to none. Throws RenderProblem when KEDA could not
 * know the brokers.
 */
export function kedaManifests(pod: PodPlan, operator: OperatorFile, options: RenderOptions): Manifest[] {
  const sources = queueSources(pod, operator, options);
  const toZero = pod.group.kind === 'event' && sources.length > 0 && pod.functions.every(isWokenByTopics);
  const triggers: Trigger[] = [
    ...(toZero ? [] : [{ type: 'cpu', metricType: 'Utilization', metadata: { value: String(CPU_TARGET) } }]),
    prometheusTrigger(pod, options, 'bottle_in_flight', pod.inFlightTarget),
    prometheusTrigger(pod, options, 'bottle_waiting', 1),
    ...sources.map(({ trigger }) => trigger),
  ];
  const scaledObject: Manifest = {
    comment: toZero
      ? 'How many pods: by the messages that wait in the topics, and none while nothing does.'
      : 'How many pods: by CPU, by requests under way and requests that wait, and by messages in the topics if there are any.',
    object: {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: metadataOf(pod.name, labelsOf(pod), options),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: pod.name },
        minReplicaCount: toZero ? 0 : options.replicas,
        maxReplicaCount: options.maxReplicas,
        pollingInterval: 15,
        cooldownPeriod: 300,
        advanced: { horizontalPodAutoscalerConfig: { behavior: SCALING_BEHAVIOUR } },
        triggers,
      },
    },
  };
  return [...sources.flatMap(({ authentication }) => authentication ?? []).filter(firstOfName), scaledObject];
}

function isWokenByTopics({ mq, timers, cloudEvents }: PodPlan['functions'][number]): boolean {
  return timers.length === 0 && (mq.length > 0 || cloudEvents.some(({ resource }) => resource !== ''));
}

function prometheusTrigger({ name }: PodPlan, options: RenderOptions, metric: string, threshold: number): Trigger {
  const labels = [
    ...(options.namespace === undefined ? [] : [`namespace="${options.namespace}"`]),
    `service="${name}"`,
  ];
  const metadata = {
    serverAddress: options.prometheusUrl,
    query: `sum(${metric}{${labels.join(',')}})`,
    threshold: String(threshold),
  };
  return { type: 'prometheus', metadata };
}

function queueSources(pod: PodPlan, operator: OperatorFile, options: RenderOptions) {
  const seen = new Set<string>();
  return pod.functions
    .flatMap(({ mq, cloudEvents }) => [
      ...mq.map(({ resource, topic, group, batch, concurrency }) => ({
        resource,
        topic,
        group,
        perPod: concurrency * Math.max(batch, 1),
      })),
      ...cloudEvents.filter(({ resource }) => resource !== '').map((event) => ({ ...event, perPod: 16 })),
    ])
    .flatMap(({ resource, topic, group, perPod }) => {
      const settings = operator.resource('mq', resource);
      const key = `${resource} ${topic} ${group}`;
      if (settings?.['driver'] !== 'kafka' || seen.has(key)) return []; // an embedded queue is in the pod itself
      seen.add(key);
      const text = (value: unknown): string => expand(value, `mq.${resource}`, options.env);
      const brokers = Array.isArray(settings['brokers']) ? settings['brokers'].map(text) : [];
      const authentication = authenticationOf(pod, resource, settings, options);
      const sasl = asRecord(settings['sasl']);
      const metadata = {
        bootstrapServers: brokers.join(','),
        topic: text(settings['topicPrefix'] ?? '') + topic,
        consumerGroup: group,
        lagThreshold: String(LAG_ROUNDS * perPod),
        offsetResetPolicy: 'latest',
        ...(typeof sasl['mechanism'] === 'string' ? { sasl: SASL_MODES[sasl['mechanism']] ?? 'none' } : {}),
        ...(settings['tls'] === undefined || settings['tls'] === false ? {} : { tls: 'enable' }),
      };
      const ref = authentication ? { authenticationRef: { name: authentication.object.metadata.name } } : {};
      return [{ trigger: { type: 'kafka', metadata, ...ref } satisfies Trigger, authentication }];
    });
}

/** The Secret's keys that KEDA must have itself to ask the brokers for the lag. */
function authenticationOf(
  pod: PodPlan,
  resource: string,
  settings: Readonly<Record<string, unknown>>,
  options: RenderOptions,
): Manifest | undefined {
  const sasl = asRecord(settings['sasl']);
  const tls = asRecord(settings['tls']);
  const parameters = {
    username: sasl['username'],
    password: sasl['password'],
    ca: tls['ca'],
    cert: tls['cert'],
    key: tls['key'],
  };
  const secretTargetRef = Object.entries(parameters).flatMap(([parameter, value]) => {
    const key = typeof value === 'string' ? /^\$\{(?:file:.*\/)?([\w.-]+)\}$/.exec(value)?.[1] : undefined;
    return key === undefined ? [] : [{ parameter, name: secretName(pod), key }];
  });
  if (secretTargetRef.length === 0) return undefined;
  return {
    comment: `What KEDA needs to ask the brokers of mq.${resource} how far behind the consumers are.`,
    object: {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: metadataOf(`${pod.name}-${resource.toLowerCase()}`, labelsOf(pod), options),
      spec: { secretTargetRef },
    },
  };
}

/** KEDA reads the environment of plain containers only, and not the sidecar's. */
function expand(value: unknown, resource: string, env: RenderOptions['env']): string {
  return String(value).replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (whole, name: string, fallback?: string) => {
    const text = env[name] ?? fallback;
    if (text === undefined)
      throw new RenderProblem(
        `${resource} is at ${whole}, which KEDA cannot look up: set ${name} when you render, or write the brokers into sidecar.yml`,
      );
    return text;
  });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function firstOfName({ object }: Manifest, index: number, all: readonly Manifest[]): boolean {
  return all.findIndex((other) => other.object.metadata.name === object.metadata.name) === index;
}
