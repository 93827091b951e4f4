// What Knative Serving's admission refuses although the CRD's schema knows it, with its default feature flags:
// pkg/apis/serving/fieldmask.go and k8s_validation.go of knative/serving.
import { asRecord, fieldsAt } from './field-paths.ts';

const POD_FIELDS = new Set([
  'serviceAccountName',
  'containers',
  'volumes',
  'imagePullSecrets',
  'enableServiceLinks',
  'containerConcurrency',
  'timeoutSeconds',
]);
const CONTAINER_FIELDS = new Set([
  'name',
  'args',
  'command',
  'env',
  'workingDir',
  'envFrom',
  'image',
  'imagePullPolicy',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resources',
  'securityContext',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'volumeMounts',
]);
const VOLUME_TYPES = new Set(['name', 'secret', 'configMap', 'projected', 'emptyDir']);
/** Of the proxy that Knative puts into the pod. */
const RESERVED_PORTS = new Set([8012, 8013, 8022, 8008, 8112, 9090, 9091]);

/** Everything that Knative would refuse in a pod's spec. */
export function knativeProblems(spec: unknown): string[] {
  const unknown = (path: string, allowed: ReadonlySet<string>): string[] =>
    (path === '' ? [{ path: 'spec', value: spec }] : fieldsAt(spec, path)).flatMap((field) =>
      Object.keys(asRecord(field.value)).flatMap((key) =>
        allowed.has(key) ? [] : [`${field.path}.${key} is refused`],
      ),
    );
  const containers = fieldsAt(spec, 'containers[*]');
  const ports = fieldsAt(spec, 'containers[*].ports[*]').map(({ value }) => asRecord(value));
  const without = containers.filter(({ value }) => asRecord(value)['ports'] === undefined);
  return [
    ...unknown('', POD_FIELDS),
    ...unknown('containers[*]', CONTAINER_FIELDS),
    ...unknown('volumes[*]', VOLUME_TYPES),
    ...(ports.length === 1 ? [] : [`${ports.length} ports instead of one`]),
    ...ports.flatMap(({ name, containerPort }) => [
      ...(['http1', 'h2c', undefined].includes(name as string) ? [] : [`a port named ${String(name)}`]),
      ...(RESERVED_PORTS.has(Number(containerPort)) ? [`${String(containerPort)} is Knative's own`] : []),
    ]),
    ...without.flatMap(({ path, value }) =>
      ['livenessProbe', 'readinessProbe'].flatMap((probe) =>
        probe in asRecord(value) ? [`${path}.${probe} is refused on a container without a port`] : [],
      ),
    ),
    ...fieldsAt(spec, 'containers[*].env[*].valueFrom').flatMap(({ path, value }) =>
      'fieldRef' in asRecord(value) ? [`${path}.fieldRef is refused`] : [],
    ),
  ];
}
