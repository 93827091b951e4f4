import type { OperatorFile, OperatorResource } from './operator-file.ts';
import { type PodPlan, planPods } from './pod-plan.ts';
import type { ProjectPlan } from './project-plan.ts';
import type { RenderOptions } from './render-options.ts';

interface Embedded {
  /** The driver whose data is each pod's own. */
  driver: string;
  /** What comes of that when there are several. */
  effect: string;
  /** The driver that all pods share. */
  instead: string;
}

const SETTINGS: Embedded = { driver: 'file', effect: 'what is set at one, the others do not have', instead: 'redis' };
const EMBEDDED: Readonly<Record<string, Embedded>> = Object.freeze({
  cache: { driver: 'memory', effect: 'what one keeps or counts, the others do not see', instead: 'redis' },
  db: { driver: 'sqlite', effect: 'rows that one writes, the others do not have', instead: 'mysql' },
  lock: { driver: 'memory', effect: 'two may hold the same lock at once', instead: 'redis' },
  mq: { driver: 'embedded', effect: 'a message is read only where it was published', instead: 'kafka' },
  config: SETTINGS,
  switches: SETTINGS,
});

/** A warning for each configured resource that several pods would each have for themselves. */
export function ownStateWarnings(plan: ProjectPlan, operator: OperatorFile, options: RenderOptions): string[] {
  const pods = planPods(plan, operator);
  return operator.resources.flatMap((resource) => {
    const embedded = embeddedOf(resource);
    const owners =
      embedded &&
      ownersOf(
        pods.filter((pod) => usesIt(pod, resource, plan, operator)),
        options,
      );
    if (!embedded || owners === undefined) return [];
    const { capability, name, line } = resource;
    const { driver, instead } = embedded;
    const isOfSchedules = operator.resourceOf('timers.lock') === `${capability}.${name}`;
    const effect = isOfSchedules ? 'each fires every schedule' : embedded.effect;
    return `${operator.name}:${line}  resources.${capability}.${name}: \`driver: ${driver}\` is each pod's own, and ${owners}: ${effect}; use \`driver: ${instead}\``;
  });
}

/** The resources that functions name, where nothing is configured: embedded drivers serve all of them. */
export function unconfiguredWarning({ needs }: ProjectPlan, operator: OperatorFile): string {
  const names = new Set(
    needs.map((need) => operator.resourceOf(need.resource)).filter((id) => !/^(rpc|http)\./.test(id)),
  );
  const named = names.size === 0 ? '' : ` (${[...names].join(', ')})`;
  return `no resources are configured: each pod keeps its own${named}, and loses them when it ends`;
}

/** A file that the operator names may be one that is mounted, and only read. */
function embeddedOf({ capability, settings }: OperatorResource): Embedded | undefined {
  const embedded = EMBEDDED[capability];
  if (embedded?.driver !== settings['driver']) return undefined;
  return embedded === SETTINGS && settings['file'] !== undefined ? undefined : embedded;
}

function usesIt(
  pod: PodPlan,
  { capability, name }: OperatorResource,
  plan: ProjectPlan,
  operator: OperatorFile,
): boolean {
  const members = new Set(pod.functions.map((info) => info.name));
  return plan.needs.some(
    ({ by, resource }) => members.has(by) && operator.resourceOf(resource) === `${capability}.${name}`,
  );
}

/** Who they are, when there are several. What no function names serves the platform, in every pod. */
function ownersOf(users: readonly PodPlan[], { maxReplicas }: RenderOptions): string | undefined {
  const names = users.map(({ name }) => name);
  if (maxReplicas > 1)
    return `there can be ${maxReplicas} of ${names.length === 0 ? 'each kind' : names.join(' and of ')}`;
  return names.length > 1 ? `there are ${names.join(' and ')}` : undefined;
}
