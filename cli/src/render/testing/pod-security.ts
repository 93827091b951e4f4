// The pod security standard, level `restricted`, version 1.36: every control of it and of `baseline`, on which it builds, with
// the fields that it restricts, as https://kubernetes.io/docs/concepts/security/pod-security-standards/ lists them. Where
// restricted has a stricter rule for the same fields, only that one is here.
import { asRecord, type Field, fieldsAt } from './field-paths.ts';

/** A rule about single fields: each must have a value that is allowed, undefined included. */
interface FieldControl {
  name: string;
  /** `*` for each of containers, initContainers and ephemeralContainers. */
  fields: readonly string[];
  allows(value: unknown): boolean;
}

/** A rule that the pod may satisfy for all its containers. */
interface EffectiveControl {
  name: string;
  /** Below `securityContext`. */
  field: string;
  allows(value: unknown): boolean;
}

const CONTAINERS = ['containers[*]', 'initContainers[*]', 'ephemeralContainers[*]'];
const HANDLERS = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);
const VOLUME_TYPES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);

const FIELD_CONTROLS: readonly FieldControl[] = [
  // baseline
  {
    name: 'HostProcess',
    fields: ['securityContext.windowsOptions.hostProcess', '*.securityContext.windowsOptions.hostProcess'],
    allows: oneOf(undefined, false),
  },
  { name: 'Host Namespaces', fields: ['hostNetwork', 'hostPID', 'hostIPC'], allows: oneOf(undefined, false) },
  { name: 'Privileged Containers', fields: ['*.securityContext.privileged'], allows: oneOf(undefined, false) },
  { name: 'Host Ports', fields: ['*.ports[*].hostPort'], allows: oneOf(undefined, 0) },
  {
    name: 'Host Probes / Lifecycle Hooks',
    fields: HANDLERS.flatMap((handler) => [`*.${handler}.httpGet.host`, `*.${handler}.tcpSocket.host`]),
    allows: oneOf(undefined, ''),
  },
  {
    name: 'AppArmor',
    fields: ['securityContext.appArmorProfile.type', '*.securityContext.appArmorProfile.type'],
    allows: oneOf(undefined, 'RuntimeDefault', 'Localhost'),
  },
  {
    name: 'SELinux type',
    fields: ['securityContext.seLinuxOptions.type', '*.securityContext.seLinuxOptions.type'],
    allows: oneOf(undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'),
  },
  {
    name: 'SELinux user and role',
    fields: ['user', 'role'].flatMap((field) => [
      `securityContext.seLinuxOptions.${field}`,
      `*.securityContext.seLinuxOptions.${field}`,
    ]),
    allows: oneOf(undefined, ''),
  },
  { name: '/proc Mount Type', fields: ['*.securityContext.procMount'], allows: oneOf(undefined, 'Default') },
  {
    name: 'Sysctls',
    fields: ['securityContext.sysctls[*].name'],
    allows: (name) => SAFE_SYSCTLS.has(String(name)),
  },
  // restricted
  {
    name: 'Volume Types',
    fields: ['volumes[*]'],
    allows(volume) {
      const types = Object.keys(asRecord(volume)).filter((key) => key !== 'name');
      return types.length === 1 && types.every((type) => VOLUME_TYPES.has(type));
    },
  },
  {
    name: 'Privilege Escalation',
    fields: ['*.securityContext.allowPrivilegeEscalation'],
    allows: oneOf(false),
  },
  {
    name: 'Running as Non-root user',
    fields: ['securityContext.runAsUser', '*.securityContext.runAsUser'],
    allows: (user) => user === undefined || (typeof user === 'number' && user > 0),
  },
  {
    name: 'Capabilities drop',
    fields: ['*.securityContext.capabilities.drop'],
    allows: (drop) => Array.isArray(drop) && drop.includes('ALL'),
  },
  {
    name: 'Capabilities add',
    fields: ['*.securityContext.capabilities.add'],
    allows: (add) => add === undefined || (Array.isArray(add) && add.every(oneOf('NET_BIND_SERVICE'))),
  },
];

const EFFECTIVE_CONTROLS: readonly EffectiveControl[] = [
  { name: 'Running as Non-root', field: 'runAsNonRoot', allows: oneOf(true) },
  { name: 'Seccomp', field: 'seccompProfile.type', allows: oneOf('RuntimeDefault', 'Localhost') },
];

/** The names of all controls, so that a test can say that it broke each of them. */
export const CONTROLS: readonly string[] = [...FIELD_CONTROLS, ...EFFECTIVE_CONTROLS].map(({ name }) => name);

/** "control: field is value" for everything in a pod's spec that the level `restricted` refuses. */
export function securityProblems(podSpec: unknown): string[] {
  const refused = (name: string, fields: readonly Field[]): string[] =>
    fields.map(({ path, value }) => `${name}: ${path} is ${JSON.stringify(value) ?? 'missing'}`);
  const single = FIELD_CONTROLS.flatMap(({ name, fields, allows }) => {
    const found = fields.flatMap(eachContainer).flatMap((path) => fieldsAt(podSpec, path));
    return refused(
      name,
      found.filter(({ value }) => !allows(value)),
    );
  });
  const effective = EFFECTIVE_CONTROLS.flatMap(({ name, field, allows }) => {
    const [pod] = fieldsAt(podSpec, `securityContext.${field}`);
    const ofPod = pod?.value;
    const own = eachContainer(`*.securityContext.${field}`).flatMap((path) => fieldsAt(podSpec, path));
    const wrong = own.filter(({ value }) => !allows(value) && !(value === undefined && allows(ofPod)));
    const podIsWrong = ofPod !== undefined && !allows(ofPod) && pod ? [pod] : [];
    return refused(name, [...podIsWrong, ...wrong]);
  });
  return [...single, ...effective];
}

function eachContainer(path: string): string[] {
  return path.startsWith('*.') ? CONTAINERS.map((list) => list + path.slice(1)) : [path];
}
