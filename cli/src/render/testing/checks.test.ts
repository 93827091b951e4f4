// The checks themselves: each refuses what it is there to refuse.
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../manifest.ts';
import { asRecord, fieldsAt } from './field-paths.ts';
import { find, OPERATOR, renderShop } from './fixture.ts';
import { knativeProblems } from './knative-limits.ts';
import { POD_RULES, rulesBroken } from './pod-rules.ts';
import { CONTROLS, securityProblems } from './pod-security.ts';
import { relationProblems } from './relations.ts';
import { schemaProblems } from './schemas.ts';

/** A copy that may be broken. */
type Breakable = { [key: string]: Breakable } & { [index: number]: Breakable } & unknown[];
type Break = (spec: Breakable) => void;

const manifests = renderShop({ operator: OPERATOR });
const goodSpec = fieldsAt(find(manifests, 'Deployment', 'shop'), 'spec.template.spec')[0]?.value;
const broken = (change: Break): unknown => {
  const copy = structuredClone(goodSpec) as Breakable;
  change(copy);
  return copy;
};
const set = (path: string, value: unknown): Break => {
  const steps = path.split('.');
  return (spec) => {
    let target = spec;
    for (const step of steps.slice(0, -1)) target = target[step] ??= {} as Breakable;
    const last = steps.at(-1) ?? '';
    if (value === undefined) Reflect.deleteProperty(target, last);
    else target[last] = value as Breakable;
  };
};
const SIDECAR = 'initContainers.0';
const FUNCTION = 'containers.0';

describe('the level restricted', () => {
  const BREAKS: Readonly<Record<string, readonly Break[]>> = {
    HostProcess: [
      set('securityContext.windowsOptions', { hostProcess: true }),
      set(`${FUNCTION}.securityContext.windowsOptions`, { hostProcess: true }),
    ],
    'Host Namespaces': [set('hostNetwork', true), set('hostPID', true), set('hostIPC', true)],
    'Privileged Containers': [set(`${FUNCTION}.securityContext.privileged`, true)],
    'Host Ports': [set(`${SIDECAR}.ports.0.hostPort`, 8080)],
    'Host Probes / Lifecycle Hooks': [
      set(`${SIDECAR}.lifecycle.preStop.httpGet.host`, '127.0.0.1'),
      set(`${FUNCTION}.livenessProbe.httpGet.host`, 'example.com'),
      set(`${FUNCTION}.startupProbe.tcpSocket`, { host: '10.0.0.1', port: 1 }),
    ],
    AppArmor: [set('securityContext.appArmorProfile', { type: 'Unconfined' })],
    'SELinux type': [set(`${SIDECAR}.securityContext.seLinuxOptions`, { type: 'spc_t' })],
    'SELinux user and role': [set('securityContext.seLinuxOptions', { user: 'system_u' })],
    '/proc Mount Type': [set(`${FUNCTION}.securityContext.procMount`, 'Unmasked')],
    Sysctls: [set('securityContext.sysctls', [{ name: 'kernel.msgmax', value: '1' }])],
    'Volume Types': [
      set('volumes.0', { name: 'sockets', hostPath: { path: '/run' } }),
      set('volumes.0', { name: 'x' }),
    ],
    'Privilege Escalation': [
      set(`${FUNCTION}.securityContext.allowPrivilegeEscalation`, undefined),
      set(`${SIDECAR}.securityContext.allowPrivilegeEscalation`, true),
    ],
    'Running as Non-root user': [set('securityContext.runAsUser', 0), set(`${SIDECAR}.securityContext.runAsUser`, 0)],
    'Capabilities drop': [
      set(`${FUNCTION}.securityContext.capabilities`, undefined),
      set(`${SIDECAR}.securityContext.capabilities.drop`, ['NET_RAW']),
    ],
    'Capabilities add': [set(`${FUNCTION}.securityContext.capabilities.add`, ['NET_BIND_SERVICE', 'SYS_PTRACE'])],
    'Running as Non-root': [
      set('securityContext.runAsNonRoot', false),
      set(`${FUNCTION}.securityContext.runAsNonRoot`, false),
      (spec) => {
        set('securityContext.runAsNonRoot', undefined)(spec);
        set(`${SIDECAR}.securityContext.runAsNonRoot`, undefined)(spec);
      },
    ],
    Seccomp: [
      set('securityContext.seccompProfile', { type: 'Unconfined' }),
      set(`${SIDECAR}.securityContext.seccompProfile`, { type: 'Unconfined' }),
    ],
  };
  it('accepts what is rendered, and what a container leaves to its pod', () => {
    expect(securityProblems(goodSpec)).toEqual([]);
    const change: Break = (spec) => {
      for (const field of ['runAsNonRoot', 'seccompProfile', 'runAsUser'])
        for (const container of [SIDECAR, FUNCTION]) set(`${container}.securityContext.${field}`, undefined)(spec);
    };
    expect(securityProblems(broken(change))).toEqual([]);
  });
  it.each(CONTROLS)('refuses a pod that breaks the control "%s"', (control) => {
    const changes = BREAKS[control] ?? [];
    expect(changes.length).toBeGreaterThan(0);
    for (const change of changes) {
      const problems = securityProblems(broken(change));
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.filter((problem) => !problem.startsWith(`${control}: `))).toEqual([]);
    }
  });
  it('looks into ephemeral containers, too', () => {
    const debug = { name: 'debug', image: 'busybox', securityContext: { privileged: true } };
    expect(securityProblems(broken(set('ephemeralContainers', [debug])))).toContain(
      'Privileged Containers: ephemeralContainers[0].securityContext.privileged is true',
    );
  });
});

describe('a rule for pods', () => {
  const BREAKS: Readonly<Record<string, Break>> = {
    'the drain begins with the sidecar’s hook': set(`${SIDECAR}.lifecycle`, undefined),
    'the function container waits for the drain': set(`${FUNCTION}.lifecycle.preStop.httpGet.path`, '/drain'),
    'startup and liveness of the sidecar ask only about itself': set(
      `${SIDECAR}.livenessProbe.httpGet.path`,
      '/readyz',
    ),
    'readiness is the sidecar’s word for both': set(`${SIDECAR}.readinessProbe.httpGet.path`, '/livez'),
    'a blocked event loop is seen within six seconds': set(`${SIDECAR}.readinessProbe.periodSeconds`, 10),
    'the function’s liveness is asked through the sidecar': set(`${FUNCTION}.livenessProbe`, undefined),
    'nothing is executed for a probe': set(`${FUNCTION}.readinessProbe`, { exec: { command: ['true'] } }),
    'both share the sockets, in memory, on a short path': set('volumes.0.emptyDir', {}),
    'both are the same user, who owns the volumes': set('securityContext.fsGroup', 1),
    'nobody writes the root file system': set(`${FUNCTION}.securityContext.readOnlyRootFilesystem`, false),
    'CPU and memory are requested, memory is limited, CPU is not': set(`${SIDECAR}.resources.limits.cpu`, '1'),
    'no token and no environment of other Services': set('automountServiceAccountToken', undefined),
    'the Secret is the sidecar’s alone': set(`${FUNCTION}.envFrom`, [{ secretRef: { name: 'shop-secrets' } }]),
    'there is time for the drain': set('terminationGracePeriodSeconds', 30),
    'the pods are spread over zones and hosts': set('topologySpreadConstraints', undefined),
  };
  it.each(POD_RULES.map(({ name }) => name))('notices when it is broken: %s', (name) => {
    const problems = rulesBroken(broken(BREAKS[name] ?? (() => {})));
    expect(problems.map((problem) => problem.split(': ')[0])).toContain(name);
  });
  it('notices a Secret that is mounted, a socket path that is too long, and two of them', () => {
    const mount = set(`${FUNCTION}.volumeMounts.2`, { name: 'secrets', mountPath: '/s' });
    expect(rulesBroken(broken(mount))).toEqual([
      'the Secret is the sidecar’s alone: the function container mounts secrets',
    ]);
    const path = `/${'d'.repeat(100)}`;
    expect(rulesBroken(broken(set(`${FUNCTION}.volumeMounts.0.mountPath`, path))).join()).toMatch(/too long/);
  });
});

describe('the schemas', () => {
  const change = (kind: string, name: string, edit: Break): KubernetesObject => {
    const copy = structuredClone(find(rendered, kind, name)) as unknown as Breakable;
    edit(copy);
    return copy as unknown as KubernetesObject;
  };
  const rendered = [
    ...renderShop({ operator: OPERATOR, hosts: ['a.example'] }),
    ...renderShop({ operator: OPERATOR, variant: 'keda' }).filter(({ object }) => object.apiVersion.startsWith('keda')),
    ...renderShop({ variant: 'knative', aggregation: 'aggregation: { k: { functions: [listItems] } }\n' }).filter(
      ({ object }) => /knative|PodMonitor/.test(object.apiVersion + object.kind),
    ),
  ];
  it.each<[string, string, string, Break, RegExp]>([
    ['an unknown field', 'Deployment', 'shop', set('spec.template.spec.containrs', []), /containrs is no field/],
    [
      'one deep down',
      'Deployment',
      'shop',
      set('spec.template.spec.containers.0.livenessProbe.httpGet.prt', 1),
      /prt is no/,
    ],
    ['one at the top', 'ConfigMap', 'shop', set('dta', {}), /\/dta is no field/],
    ['a wrong type', 'Deployment', 'shop', set('spec.template.spec.enableServiceLinks', 'no'), /must be boolean/],
    [
      'a wrong quantity',
      'Deployment',
      'shop',
      set('spec.template.spec.volumes.0.emptyDir.sizeLimit', '8 MB'),
      /quantity/,
    ],
    ['a missing field', 'Deployment', 'shop', set('spec.selector', undefined), /selector/],
    ['a missing list', 'HorizontalPodAutoscaler', 'shop', set('spec.maxReplicas', undefined), /maxReplicas/],
    ['a name for a number', 'Service', 'shop', set('spec.ports.0.port', 'http'), /must be integer/],
    ['a number for a text', 'NetworkPolicy', 'shop', set('spec.policyTypes', 1), /must be array/],
    ['a list for an object', 'PodDisruptionBudget', 'shop', set('spec.selector', []), /must be object/],
    ['a text for a boolean', 'ServiceAccount', 'shop', set('automountServiceAccountToken', 'f'), /must be boolean/],
    ['an unknown path type', 'HTTPRoute', 'shop', set('spec.rules.0.matches.0.path.type', 1), /path\/type/],
    [
      'a gRPC route’s typing error',
      'GRPCRoute',
      'shop',
      set('spec.rules.0.matches.0.methods', {}),
      /methods is no field/,
    ],
    [
      'a number in KEDA’s metadata',
      'ScaledObject',
      'shop',
      set('spec.triggers.0.metadata.value', 70),
      /must be string/,
    ],
    ['KEDA’s typing error', 'ScaledObject', 'shop', set('spec.minReplicas', 1), /minReplicas is no field/],
    [
      'a key without a name',
      'TriggerAuthentication',
      'shop-events-orders',
      set('spec.secretTargetRef.0.key', undefined),
      /key/,
    ],
    ['Knative’s typing error', 'Service', 'shop-k', set('spec.template.spec.timeout', 1), /timeout is no field/],
    ['a monitor without endpoints', 'ServiceMonitor', 'shop', set('spec.endpoints', undefined), /endpoints/],
    [
      'a monitor’s typing error',
      'PodMonitor',
      'shop-k',
      set('spec.podMetricsEndpoint', []),
      /podMetricsEndpoint is no/,
    ],
  ])('refuse %s', async (_title, kind, name, edit, message) => {
    expect(await schemaProblems(find(rendered, kind, name))).toEqual([]);
    expect((await schemaProblems(change(kind, name, edit))).join('; ')).toMatch(message);
  });
  it('refuse a kind that they do not have', async () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deploiment', metadata: { name: 'a' } };
    expect(await schemaProblems(object)).toEqual(['there is no schema for apps/v1 Deploiment']);
  });
});

describe('relations', () => {
  const objects = manifests.map(({ object }) => object);
  const changed = (kind: string, edit: Break): string[] => {
    const copy = structuredClone(objects) as unknown as (Breakable & KubernetesObject)[];
    const target = copy.find((object) => object.kind === kind && object.metadata.name === 'shop');
    if (!target) throw new Error(`no ${kind}`);
    edit(target);
    return relationProblems(copy);
  };
  it.each<[string, string, Break, RegExp]>([
    ['a Service that selects nothing', 'Service', set('spec.selector', { a: 'b' }), /Service shop selects no pod/],
    ['a port that no container has', 'Service', set('spec.ports.0.targetPort', 1), /no container has the port 1/],
    ['a budget for no pod', 'PodDisruptionBudget', set('spec.selector.matchLabels', { a: 'b' }), /selects no pod/],
    ['a policy for no pod', 'NetworkPolicy', set('spec.podSelector.matchLabels', { a: 'b' }), /selects no pod/],
    [
      'an autoscaler of nothing',
      'HorizontalPodAutoscaler',
      set('spec.scaleTargetRef.name', 'b'),
      /Deployment b, which/,
    ],
    ['a route to no Service', 'HTTPRoute', set('spec.rules.0.backendRefs.0.name', 'b'), /the Service b, which/],
    ['a route to no port', 'HTTPRoute', set('spec.rules.0.backendRefs.0.port', 8080), /has no port 8080/],
    ['a monitor of nothing', 'ServiceMonitor', set('spec.selector.matchLabels', { a: 'b' }), /finds 0 Services/],
    ['a Deployment of other pods', 'Deployment', set('spec.selector.matchLabels', { a: 'b' }), /selects no pod/],
    ['an unknown account', 'Deployment', set('spec.template.spec.serviceAccountName', 'b'), /ServiceAccount b, which/],
    [
      'an unknown volume',
      'Deployment',
      set('spec.template.spec.containers.0.volumeMounts.0.name', 'b'),
      /is no volume/,
    ],
    [
      'an unknown ConfigMap',
      'Deployment',
      set('spec.template.spec.volumes.1.configMap.name', 'b'),
      /ConfigMap b, which/,
    ],
  ])('notice %s', (_title, kind, edit, message) => {
    expect(relationProblems(objects)).toEqual([]);
    expect(changed(kind, edit).join('; ')).toMatch(message);
  });
  it('notice two objects of one name', () => {
    expect(relationProblems([...objects, ...objects.slice(0, 1)])).toContain('two objects of one kind have one name');
  });
});

describe('the limits of Knative', () => {
  const knative = renderShop({ variant: 'knative', aggregation: 'aggregation: { k: { functions: [listItems] } }\n' });
  const spec = fieldsAt(find(knative, 'Service', 'shop-k'), 'spec.template.spec')[0]?.value;
  it.each<[string, Break, RegExp]>([
    ['a pod’s security context', set('securityContext', {}), /spec\.securityContext is refused/],
    ['init containers', set('initContainers', []), /initContainers is refused/],
    ['hooks', set('containers.0.lifecycle', {}), /lifecycle is refused/],
    ['a second port', set('containers.1.ports', [{ containerPort: 1 }]), /2 ports instead of one/],
    ['a port of its own', set('containers.0.ports.0.containerPort', 9090), /9090 is Knative's own/],
    ['probes of the second container', set('containers.1.livenessProbe', {}), /without a port/],
    ['a host’s directory', set('volumes.0', { name: 'sockets', hostPath: { path: '/' } }), /hostPath is refused/],
  ])('refuse %s', (_title, edit, message) => {
    expect(knativeProblems(spec)).toEqual([]);
    const copy = structuredClone(spec) as Breakable;
    edit(copy);
    expect(knativeProblems(copy).join('; ')).toMatch(message);
  });
  it('are looked at in a spec that is there', () => expect(Object.keys(asRecord(spec)).length).toBeGreaterThan(3));
});
