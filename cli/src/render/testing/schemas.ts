// The published schemas of Kubernetes 1.36, KEDA, Knative, the Prometheus operator and the Gateway API, compiled by the
// packages of kubernetes-models. They let unknown fields pass, as the API server once did; here those are problems, too: a
// validator reads every field that its schema knows, so a field that nobody has read is unknown.
import type { KubernetesObject } from '../manifest.ts';

/** What the packages export for a kind. */
interface Model {
  prototype: { validate(): void };
}

type ModelModule = Readonly<Record<string, unknown>>;

const MODULES: Readonly<Record<string, () => Promise<ModelModule>>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'autoscaling/v2': () => import('kubernetes-models/autoscaling/v2'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
  'gateway.networking.k8s.io/v1': () => import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'),
  'keda.sh/v1alpha1': () => import('@kubernetes-models/keda/keda.sh/v1alpha1'),
  'monitoring.coreos.com/v1': () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
  'serving.knative.dev/v1': () => import('@kubernetes-models/knative/serving.knative.dev/v1'),
};

/** Everything that the object's schema refuses or does not know; an object without a schema is a problem itself. */
export async function schemaProblems(object: KubernetesObject): Promise<string[]> {
  const model = (await MODULES[object.apiVersion]?.())?.[object.kind] as Model | undefined;
  if (!model) return [`there is no schema for ${object.apiVersion} ${object.kind}`];
  const unread = new Set<string>();
  const problems: string[] = [];
  try {
    model.prototype.validate.call(watched(object, '', unread));
  } catch (error) {
    problems.push(...(error as Error).message.split(', '));
  }
  // A validator that stops at a wrong value has not read what is behind it.
  return problems.length > 0 ? problems : [...unread].map((path) => `${path} is no field of ${object.kind}`);
}

/** The same object; `unread` has the paths of all fields below it that were not read yet. */
function watched<Value>(value: Value, path: string, unread: Set<string>): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const key of Object.keys(value)) unread.add(`${path}/${key}`);
  const children = new Map<string, unknown>();
  return new Proxy(value, {
    get(target, key, receiver) {
      const child: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return child;
      unread.delete(`${path}/${key}`);
      if (!children.has(key)) children.set(key, watched(child, `${path}/${key}`, unread));
      return children.get(key);
    },
  });
}
