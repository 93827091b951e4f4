import { addResources, type OperatorFile } from './operator-file.ts';
import type { PlannedFunction, PlannedGroup, ProjectPlan } from './project-plan.ts';
import { RenderProblem } from './render-problem.ts';

/** Ports of every pod, whatever sidecar.yml says of them; the manifests set them by environment, which wins. */
export const PORTS = { http: 8080, admin: 9901, rpc: 9090, metrics: 9464 } as const;

/** Between the end of the drain and SIGKILL: hooks of the functions, buffers, connections. */
const SLACK_SEC = 10;
const DEFAULT_MEMORY_MB = 256;
/** Kubernetes' limit for names of Services, less the longest ending that is added to one. */
const MAX_NAME_LENGTH = 63 - '-rpc'.length;

/** One kind of pod: a group of functions with all that its manifests need. */
export interface PodPlan {
  /** Of its objects. */
  name: string;
  service: string;
  /** "default", or the group's name as a label. */
  component: string;
  group: PlannedGroup;
  functions: readonly PlannedFunction[];
  /** There are no other functions. */
  isWholeProject: boolean;
  /** Whether routes lead here. */
  routed: boolean;
  /** Port 9090 is open: for rpc triggers, for functions that other pods call, or because sidecar.yml says so. */
  rpc: boolean;
  memoryMb: number;
  longestTimeoutSec: number;
  /** Requests that a pod should have under way, of those it can. */
  inFlightTarget: number;
  drain: { propagationMs: number; budgetMs: number; budgetByOperator: boolean; graceSec: number };
  /** sidecar.yml for these pods. */
  configText: string;
}

/** Every kind of pod, in the order of serverless.yml. Throws RenderProblem when their names cannot be. */
export function planPods({ service, groups, functions }: ProjectPlan, operator: OperatorFile): PodPlan[] {
  const byName = new Map(functions.map((info) => [info.name, info]));
  const named = groups.map((group) => ({ group, name: nameOf(service, group) }));
  assertDistinct(named);

  const homes = new Map<string, string>();
  for (const { group, name } of named)
    if (group.source !== 'origin') for (const member of group.functions) homes.set(member, name);
  /** Functions of other pods that these call by `bottle.rpc`, and that no resource of the operator stands for. */
  const elsewhere = ({ group }: { group: PlannedGroup }): string[] => {
    const called = group.functions.flatMap((member) => byName.get(member)?.uses ?? []).flatMap(calledFunction);
    return [...new Set(called)].filter(
      (target) => homes.has(target) && !group.functions.includes(target) && !operator.resource('rpc', target),
    );
  };
  const calledPods = new Set(named.flatMap(elsewhere).map((target) => homes.get(target)));

  return named.map(({ group, name }) => {
    const members = group.functions.flatMap((member) => byName.get(member) ?? []);
    const longestMs = Math.max(...members.map(({ timeoutMs }) => timeoutMs));
    const { propagationMs } = operator;
    const budgetMs = operator.budgetMs ?? longestMs;
    const resources = elsewhere({ group }).map((target): [string, object] => [
      target,
      { driver: 'functions', dns: `${homes.get(target)}-rpc:${PORTS.rpc}`, function: target },
    ]);
    return {
      name,
      service: kebab(service),
      component: group.source === 'rest' && group.name === 'default' ? 'default' : kebab(group.name),
      group,
      functions: members,
      isWholeProject: members.length === functions.length,
      routed: group.kind === 'http' && group.source !== 'origin',
      rpc: operator.rpcEnabled || calledPods.has(name) || members.some(({ rpc }) => rpc.length > 0),
      memoryMb: Math.max(...members.map(({ memoryMb }) => memoryMb ?? 0)) || DEFAULT_MEMORY_MB,
      longestTimeoutSec: Math.ceil(longestMs / 1_000),
      inFlightTarget: Math.max(1, Math.floor(0.7 * Math.min(...members.map(({ concurrency }) => concurrency)))),
      drain: {
        propagationMs,
        budgetMs,
        budgetByOperator: operator.budgetMs !== undefined,
        graceSec: Math.ceil((propagationMs + budgetMs) / 1_000) + SLACK_SEC,
      },
      configText: addResources(operator, 'rpc', Object.fromEntries(resources)),
    };
  });
}

/** "rpc.shippingRate" → "shippingRate". */
function calledFunction(grant: string): string[] {
  const match = /^rpc\.([^:]+)/.exec(grant);
  return match?.[1] === undefined ? [] : [match[1]];
}

function nameOf(service: string, group: PlannedGroup): string {
  const isDefault = group.source === 'rest' && group.name === 'default';
  const name = isDefault ? kebab(service) : `${kebab(service)}-${kebab(group.name)}`;
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))
    throw new RenderProblem(`"${name}" cannot be a name in Kubernetes: service "${service}", group "${group.name}"`);
  if (name.length > MAX_NAME_LENGTH)
    throw new RenderProblem(`"${name}" is longer than ${MAX_NAME_LENGTH} characters: shorten the service or the group`);
  return name;
}

/** "addToCart" and "add_to_cart" as "add-to-cart". */
function kebab(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_.\s]+/g, '-')
    .toLowerCase();
}

function assertDistinct(named: readonly { name: string; group: PlannedGroup }[]): void {
  const seen = new Map<string, PlannedGroup>();
  for (const { name, group } of named) {
    const other = seen.get(name);
    if (other)
      throw new RenderProblem(
        `${describe(other)} and ${describe(group)} would both be "${name}" in Kubernetes: rename one`,
      );
    seen.set(name, group);
  }
}

function describe({ name, source }: PlannedGroup): string {
  return source === 'origin' ? `the function ${name}` : `the group ${name}`;
}
