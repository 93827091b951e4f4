// Whether objects that name each other fit: what no schema of a single object can say.
import type { KubernetesObject } from '../manifest.ts';
import { asRecord, fieldsAt } from './field-paths.ts';

/** Everything that is named and is not there, over all objects of one deployment. */
export function relationProblems(objects: readonly KubernetesObject[]): string[] {
  const names = new Set(
    objects.map(({ kind, apiVersion, metadata }) => `${kind.toLowerCase()}@${apiVersion} ${metadata.name}`),
  );
  const duplicates = objects.length === names.size ? [] : ['two objects of one kind have one name'];
  const has = (kind: string, name: unknown): boolean =>
    objects.some((object) => object.kind === kind && object.metadata.name === name);
  return [...duplicates, ...objects.flatMap((object) => problemsOf(object, objects, has))];
}

/** The specs of all pods, with the name of what makes them. */
export function podSpecs(objects: readonly KubernetesObject[]): { owner: string; labels: unknown; spec: unknown }[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const { template } = asRecord(spec);
    if (kind === 'Pod') return [{ owner: metadata.name, labels: metadata['labels'], spec }];
    if (template === undefined) return [];
    const { metadata: ofPod, spec: podSpec } = asRecord(template);
    return [{ owner: `${kind} ${metadata.name}`, labels: asRecord(ofPod)['labels'], spec: podSpec }];
  });
}

type Has = (kind: string, name: unknown) => boolean;

function problemsOf(object: KubernetesObject, objects: readonly KubernetesObject[], has: Has): string[] {
  const { kind, metadata, spec } = object;
  const missing = (what: string, name: unknown): string[] =>
    has(what, name) ? [] : [`${kind} ${metadata.name} names the ${what} ${String(name)}, which is not there`];
  const pods = podSpecs(objects);
  const selects = (selector: unknown): string[] =>
    pods.some(({ labels }) => isSubset(selector, labels))
      ? []
      : [`${kind} ${metadata.name} selects no pod: ${JSON.stringify(selector)}`];
  switch (kind) {
    case 'Deployment':
      return [...selects(fieldsAt(spec, 'selector.matchLabels')[0]?.value), ...podProblems(object, missing)];
    case 'Service':
      return object.apiVersion === 'v1'
        ? [...selects(asRecord(spec)['selector']), ...portProblems(object, pods)]
        : podProblems(object, missing);
    case 'PodDisruptionBudget':
    case 'PodMonitor':
      return selects(fieldsAt(spec, 'selector.matchLabels')[0]?.value);
    case 'NetworkPolicy':
      return selects(fieldsAt(spec, 'podSelector.matchLabels')[0]?.value);
    case 'HorizontalPodAutoscaler':
    case 'ScaledObject':
      return missing('Deployment', fieldsAt(spec, 'scaleTargetRef.name')[0]?.value);
    case 'HTTPRoute':
    case 'GRPCRoute':
      return fieldsAt(spec, 'rules[*].backendRefs[*]').flatMap(({ value }) => {
        const { name, port } = asRecord(value);
        const service = objects.find((other) => other.kind === 'Service' && other.metadata.name === name);
        if (!service) return missing('Service', name);
        const ports = fieldsAt(service.spec, 'ports[*].port').map((field) => field.value);
        return ports.includes(port)
          ? []
          : [`${kind} ${metadata.name}: the Service ${String(name)} has no port ${String(port)}`];
      });
    case 'ServiceMonitor': {
      const selector = fieldsAt(spec, 'selector.matchLabels')[0]?.value;
      const services = objects.filter(
        (other) => other.kind === 'Service' && isSubset(selector, other.metadata['labels']),
      );
      const found = services.filter(({ spec: ofService }) =>
        fieldsAt(ofService, 'ports[*].name').some(({ value }) => value === 'metrics'),
      );
      return found.length === 1 ? [] : [`ServiceMonitor ${metadata.name} finds ${found.length} Services with metrics`];
    }
    default:
      return [];
  }
}

function podProblems(
  { kind, metadata, spec }: KubernetesObject,
  missing: (what: string, name: unknown) => string[],
): string[] {
  const pod = fieldsAt(spec, 'template.spec')[0]?.value;
  const volumes = fieldsAt(pod, 'volumes[*].name').map(({ value }) => value);
  const mounts = ['containers[*]', 'initContainers[*]'].flatMap((list) =>
    fieldsAt(pod, `${list}.volumeMounts[*].name`),
  );
  return [
    ...missing('ServiceAccount', asRecord(pod)['serviceAccountName']),
    ...fieldsAt(pod, 'volumes[*].configMap.name').flatMap(({ value }) =>
      value === undefined ? [] : missing('ConfigMap', value),
    ),
    ...mounts.flatMap(({ path, value }) =>
      volumes.includes(value) ? [] : [`${kind} ${metadata.name}: ${path} mounts ${String(value)}, which is no volume`],
    ),
    ...volumes.flatMap((name) =>
      mounts.some(({ value }) => value === name) ? [] : [`${kind} ${metadata.name}: nobody mounts ${String(name)}`],
    ),
  ];
}

function portProblems({ metadata, spec }: KubernetesObject, pods: ReturnType<typeof podSpecs>): string[] {
  const own = pods.filter(({ labels }) => isSubset(asRecord(spec)['selector'], labels));
  const open = own.flatMap((pod) =>
    ['containers[*]', 'initContainers[*]'].flatMap((list) => fieldsAt(pod.spec, `${list}.ports[*].containerPort`)),
  );
  return fieldsAt(spec, 'ports[*].targetPort').flatMap(({ value }) =>
    open.some((port) => port.value === value)
      ? []
      : [`Service ${metadata.name}: no container has the port ${String(value)}`],
  );
}

function isSubset(selector: unknown, labels: unknown): boolean {
  const wanted = Object.entries(asRecord(selector));
  return wanted.length > 0 && wanted.every(([key, value]) => asRecord(labels)[key] === value);
}
