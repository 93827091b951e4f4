// What a pod of ours must be like besides being secure, rule by rule: how it starts, drains and ends, what it may use.
import { asRecord, fieldsAt } from './field-paths.ts';

interface Rule {
  name: string;
  /** What is wrong with the spec; nothing when it keeps the rule. */
  problems(spec: unknown): string[];
}

const SOCKET_PATH_BYTES = 107;

/** The containers by their names, wherever they are listed. */
function container(spec: unknown, name: string): unknown {
  return [...fieldsAt(spec, 'containers[*]'), ...fieldsAt(spec, 'initContainers[*]')].find(
    ({ value }) => asRecord(value)['name'] === name,
  )?.value;
}

function expectAt(root: unknown, path: string, expected: unknown): string[] {
  const [{ value } = { value: undefined }] = fieldsAt(root, path);
  return JSON.stringify(value) === JSON.stringify(expected)
    ? []
    : [`${path} is ${JSON.stringify(value) ?? 'missing'}, not ${JSON.stringify(expected)}`];
}

const expectProbe = (spec: unknown, name: string, handler: string, path: string): string[] =>
  expectAt(container(spec, name), `${handler}.httpGet`, { path, port: 9901 });

const BOTH = ['sidecar', 'function'];

export const POD_RULES: readonly Rule[] = [
  {
    name: 'the drain begins with the sidecar’s hook',
    problems: (spec) => expectProbe(spec, 'sidecar', 'lifecycle.preStop', '/drain'),
  },
  {
    name: 'the function container waits for the drain',
    problems: (spec) => expectProbe(spec, 'function', 'lifecycle.preStop', '/wait-drained'),
  },
  {
    name: 'startup and liveness of the sidecar ask only about itself',
    problems: (spec) => [
      ...expectProbe(spec, 'sidecar', 'startupProbe', '/livez'),
      ...expectProbe(spec, 'sidecar', 'livenessProbe', '/livez'),
    ],
  },
  {
    name: 'readiness is the sidecar’s word for both',
    problems: (spec) => [
      ...expectProbe(spec, 'sidecar', 'readinessProbe', '/readyz'),
      ...expectAt(container(spec, 'function'), 'readinessProbe', undefined),
    ],
  },
  {
    name: 'a blocked event loop is seen within six seconds',
    problems(spec) {
      const { periodSeconds, failureThreshold } = asRecord(asRecord(container(spec, 'sidecar'))['readinessProbe']);
      // One period before the first question, its second of waiting, then the others.
      const seconds = Number(periodSeconds) * Number(failureThreshold) + 1;
      return seconds <= 6 ? [] : [`readiness takes ${seconds} s`];
    },
  },
  {
    name: 'the function’s liveness is asked through the sidecar',
    problems: (spec) => expectProbe(spec, 'function', 'livenessProbe', '/function/live'),
  },
  {
    name: 'nothing is executed for a probe',
    problems: (spec) =>
      BOTH.flatMap((name) =>
        ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
          expectAt(container(spec, name), `${probe}.exec`, undefined),
        ),
      ),
  },
  {
    name: 'both share the sockets, in memory, on a short path',
    problems(spec) {
      const sockets = fieldsAt(spec, 'volumes[*]').find(({ value }) => asRecord(value)['name'] === 'sockets')?.value;
      const mounts = BOTH.map(
        (name) =>
          fieldsAt(container(spec, name), 'volumeMounts[*]').find(({ value }) => asRecord(value)['name'] === 'sockets')
            ?.value,
      );
      const paths = mounts.map((mount) => String(asRecord(mount)['mountPath']));
      const environments = BOTH.map(
        (name) =>
          fieldsAt(container(spec, name), 'env[*]').find(({ value }) => asRecord(value)['name'] === 'BOTTLE_SOCKET_DIR')
            ?.value,
      );
      return [
        ...expectAt(sockets, 'emptyDir', { medium: 'Memory', sizeLimit: '8Mi' }),
        ...(paths[0] === paths[1] ? [] : [`the sockets are at ${paths.join(' and ')}`]),
        ...(paths.every((path) => Buffer.byteLength(`${path}/runtime.sock`) <= SOCKET_PATH_BYTES) ? [] : ['too long']),
        ...environments.flatMap((variable) => expectAt(variable, 'value', paths[0])),
      ];
    },
  },
  {
    name: 'both are the same user, who owns the volumes',
    problems(spec) {
      const users = BOTH.map((name) => asRecord(asRecord(container(spec, name))['securityContext'])['runAsUser']);
      const { fsGroup } = asRecord(asRecord(spec)['securityContext']);
      return new Set([...users, fsGroup]).size === 1 && typeof fsGroup === 'number'
        ? []
        : [`users ${users.join(' and ')}, fsGroup ${String(fsGroup)}`];
    },
  },
  {
    name: 'nobody writes the root file system',
    problems: (spec) =>
      BOTH.flatMap((name) => expectAt(container(spec, name), 'securityContext.readOnlyRootFilesystem', true)),
  },
  {
    name: 'CPU and memory are requested, memory is limited, CPU is not',
    problems: (spec) =>
      BOTH.flatMap((name) => {
        const { requests, limits } = asRecord(asRecord(container(spec, name))['resources']);
        const given = [
          ...Object.keys(asRecord(requests)),
          ...Object.keys(asRecord(limits)).map((key) => `limit ${key}`),
        ];
        const wanted = ['cpu', 'memory', 'limit memory'];
        return given.join() === wanted.join() ? [] : [`${name} has ${given.join(', ')}`];
      }),
  },
  {
    name: 'no token and no environment of other Services',
    problems: (spec) => [
      ...expectAt(spec, 'automountServiceAccountToken', false),
      ...expectAt(spec, 'enableServiceLinks', false),
    ],
  },
  {
    name: 'the Secret is the sidecar’s alone',
    problems(spec) {
      const { env = [], envFrom = [], volumeMounts = [] } = asRecord(container(spec, 'function'));
      const secret = new Set(
        fieldsAt(spec, 'volumes[*]').flatMap(({ value }) =>
          'secret' in asRecord(value) ? asRecord(value)['name'] : [],
        ),
      );
      const mounted = (volumeMounts as { name: string }[]).filter(({ name }) => secret.has(name));
      const text = JSON.stringify([env, envFrom]);
      return [
        ...(/secret/i.test(text) ? ['the function container’s environment has a Secret'] : []),
        ...mounted.map(({ name }) => `the function container mounts ${name}`),
      ];
    },
  },
  {
    name: 'there is time for the drain',
    problems(spec) {
      const { terminationGracePeriodSeconds } = asRecord(spec);
      const seconds = (name: string): number => {
        const env = fieldsAt(container(spec, 'sidecar'), 'env[*]').map(({ value }) => asRecord(value));
        return Number(env.find((variable) => variable['name'] === name)?.['value'] ?? Number.NaN) / 1_000;
      };
      const needed = seconds('BOTTLE_DRAIN_PROPAGATION_MS') + seconds('BOTTLE_DRAIN_BUDGET_MS');
      return Number(terminationGracePeriodSeconds) > needed
        ? []
        : [`${String(terminationGracePeriodSeconds)} s of grace for a drain of ${needed} s`];
    },
  },
  {
    name: 'the pods are spread over zones and hosts',
    problems(spec) {
      const keys = fieldsAt(spec, 'topologySpreadConstraints[*].topologyKey').map(({ value }) => value);
      return keys.join() === 'topology.kubernetes.io/zone,kubernetes.io/hostname' ? [] : [`spread over ${keys.join()}`];
    },
  },
];

/** "rule: what is wrong" for every rule that a pod's spec breaks. */
export function rulesBroken(spec: unknown): string[] {
  return POD_RULES.flatMap(({ name, problems }) => problems(spec).map((problem) => `${name}: ${problem}`));
}
