// How the pod is, for two questions that are not the same.
//  1. Ready: whether this pod should get traffic now. Its own two processes and functions decide, a configuration that
//     cannot work, the first connection of resources that are required, and a drain.
//  2. Well: everything that does not work. What all pods lose at once, such as a cache, is no reason to take each of them
//     out of service: the functions that do without it would go with them.
import type { FunctionTable__Output } from '@bottle/protos';

/** One of the things that may be wrong. */
export interface HealthCheck {
  /** "resource cache.sessions" */
  check: string;
  /** Undefined: it is well. */
  problem: string | undefined;
  /** Whether the pod should get no traffic while it is wrong. (1) */
  isOwn: boolean;
}

/** What the parts of a pod say of themselves. */
export interface HealthOptions {
  drain: { readonly isDraining: boolean };
  /** `missing`: why no function container is there. */
  channel: { readonly connected: boolean; readonly missing: string };
  tables: { readonly table: FunctionTable__Output | undefined };
  /** `awaited`: it is required, and was not reached yet. */
  resources: { standing(): { id: string; trouble: string | undefined; awaited: boolean }[] };
  timers: { readonly problem: string | undefined };
  rpc: { readonly problem: string | undefined };
  /** `misconfigured`: triggers that cannot work until somebody changes the configuration. */
  mq: {
    readonly misconfigured: readonly string[];
    describe(): { function: string; topic: string; problem?: string }[];
  };
}

/** Everything that is looked at, what is well included. */
export function healthChecks(options: HealthOptions): HealthCheck[] {
  const { drain, channel, resources, timers, rpc, mq } = options;
  const own = (check: string, problem: string | undefined): HealthCheck => ({ check, problem, isOwn: true });
  if (drain.isDraining) return [own('drain', 'the pod is draining')];
  const container = own('function container', channel.connected ? undefined : channel.missing);
  const resourceChecks = resources.standing().map(({ id, trouble, awaited }) => ({
    check: `resource ${id}`,
    problem: trouble === undefined ? undefined : `${id} is not available: ${trouble}`,
    isOwn: awaited,
  }));
  if (!channel.connected) return [container, ...resourceChecks];
  return [
    container,
    ...functionChecks(options),
    ...resourceChecks,
    own('schedules', timers.problem),
    own('gRPC port', rpc.problem),
    ...mq.misconfigured.map((problem) => own('consumer', problem)),
    ...mq.describe().map(({ function: name, topic, problem }) => ({
      check: `consumer ${name} of ${topic}`,
      problem: problem === undefined ? undefined : `${name} of ${topic}: ${problem}`,
      isOwn: false,
    })),
  ];
}

function functionChecks({ tables }: HealthOptions): HealthCheck[] {
  return (tables.table?.functions ?? []).map(({ name, state, stateReason }) => {
    const isFailed = state === 'FUNCTION_STATE_FAILED';
    const why = isFailed ? `${name} failed to initialise: ${stateReason}` : `${name} is initialising`;
    const problem = state === 'FUNCTION_STATE_READY' ? undefined : why;
    return { check: `function ${name}`, problem, isOwn: true };
  });
}
