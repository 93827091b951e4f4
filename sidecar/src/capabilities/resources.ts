import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type CapabilityName, Code } from '@bottle/protos';
import { DEFAULT_POLICY, type PolicyConfig } from '../resources-config.ts';
import type { SidecarConfig } from '../config.ts';
import { type DriverContext, DRIVERS } from './drivers.ts';
import { defaultFile, isFileCapability } from './default-file.ts';
import { lineFor } from './missing-resources.ts';
import { isFunctionElsewhere } from './offered-resources.ts';
import { Resource } from './resource.ts';
import { ResourceWatch } from './resource-watch.ts';

/** Resources that nobody configured are made at first use, up to this many. */
const MAX_IMPLICIT = 1_000;
const PING_TIMEOUT_MS = 2_000;
/** How long the start waits for secrets: then they are masked in the first line of the log. */
const MAX_WAIT_FOR_SECRETS_MS = 2_000;

/** Functions of this pod have places and lines of their own, which know who waits for whom. */
const LOCAL_FUNCTIONS_POLICY: PolicyConfig = {
  ...DEFAULT_POLICY,
  bulkhead: { ...DEFAULT_POLICY.bulkhead, concurrency: Number.MAX_SAFE_INTEGER },
};

/** What drivers with a connection for each call say of them. */
interface Connections {
  /** Most to each server. */
  connections?: number;
  /** Further servers. */
  replicas?: readonly unknown[];
  /** Further hosts; how many is not known. */
  allow?: readonly string[];
}

/**
 * No more calls under way than there are connections for: the others wait in the one line that is bounded by time, and not in
 * the driver's, where the first one that comes is served first, however late that is.
 */
function withinConnections({ policy, connections, replicas = [], allow = [] }: Connections & { policy: PolicyConfig }) {
  if (connections === undefined || allow.length > 0) return policy;
  const concurrency = Math.min(policy.bulkhead.concurrency, connections * (1 + replicas.length));
  return { ...policy, bulkhead: { ...policy.bulkhead, concurrency } };
}

/** One resource, as `bottle resources` shows it. */
export interface ResourceStatus {
  id: string;
  driver: string;
  state: 'ready' | 'unavailable';
  problem?: string;
  /** What an operator should look at although calls work. */
  warning?: string;
  breaker: string;
  inFlight: number;
  /** Those of them that nobody waits for any more. */
  abandoned: number;
  /** Calls that wait for a place. */
  waiting: number;
  /** Milliseconds of one round trip; null when there was no answer. */
  latencyMs: number | null;
}

export interface ResourcesOptions {
  config: SidecarConfig['resources'];
  context: DriverContext;
  /** While somebody develops, embedded drivers stand in for what is not configured, also where something else is. */
  develop: boolean;
}

/** All resources of this pod. */
export class Resources {
  readonly #resources = new Map<string, Resource>();
  readonly #context: DriverContext;
  readonly #watch: ResourceWatch;
  readonly #configured: boolean;
  readonly #develop: boolean;

  constructor({ config, context, develop }: ResourcesOptions) {
    this.#context = context;
    this.#develop = develop;
    let isConfigured = false;
    for (const [capability, resources] of Object.entries(config)) {
      for (const [name, settings] of Object.entries(resources)) {
        this.#add(capability as CapabilityName, name, settings);
        isConfigured ||= !isFunctionElsewhere(settings);
      }
    }
    this.#configured = isConfigured;
    this.#watch = new ResourceWatch({ resources: () => this.#resources.values(), log: context.log });
  }

  /**
   * Starts every configured driver. One that cannot start is tried again at its next use. Resolves when it is known what
   * must not be in the log, if that does not take too long.
   */
  async start(): Promise<void> {
    const hidden: Promise<unknown>[] = [];
    for (const resource of this.#resources.values()) {
      const opened = resource.ready().catch((error: unknown) => {
        this.#context.log.error({ err: error, resource: resource.id }, 'resource cannot be opened');
      });
      if (resource.capability.name === 'secrets') hidden.push(opened);
    }
    await Promise.race([Promise.all(hidden), delay(MAX_WAIT_FOR_SECRETS_MS, undefined, { ref: false })]);
  }

  /**
   * The resource that a function named. Without any configured one, and for development, each capability serves every name
   * with its embedded driver. Throws NOT_FOUND with the lines to add.
   */
  find(capability: CapabilityName, name: string): Resource {
    // A resource of functions or services is named before the slash; a plain name is a function of this pod.
    const [own = ''] = name.split('/');
    const known = this.#resources.get(`${capability}.${own}`);
    if (known) return known;
    if (capability === 'rpc' && own === name) return this.#implicit('rpc', '', LOCAL_FUNCTIONS_POLICY);
    if (!this.#isSecret(own)) {
      if (!this.#configured && DRIVERS[capability]?.embedded !== undefined) return this.#implicit(capability, own);
      if (this.#canStandIn(capability)) return this.#standIn(capability, own);
    }
    throw unknownResource(capability, own, this.#namesOf(capability));
  }

  /** Has the stand-in of a resource made before anybody calls it, so that it is said; false where there can be none. */
  prepare(capability: string, name: string): boolean {
    if (!this.#canStandIn(capability) || this.#resources.size >= MAX_IMPLICIT) return false;
    this.find(capability, name);
    return true;
  }

  /** The pod is not ready before these were reached once: "cache.sessions". */
  require(ids: readonly string[]): void {
    for (const id of ids) {
      const resource = this.#resources.get(id);
      if (resource) resource.isRequired = true;
    }
  }

  /** Whether each can be used now; `awaited`: it is required, and was not reached yet. */
  standing(): { id: string; trouble: string | undefined; awaited: boolean }[] {
    return [...this.#resources.values()].map((resource) => ({
      id: resource.id,
      trouble: resource.trouble,
      awaited: !this.#watch.wasReached(resource) && resource.isRequired,
    }));
  }

  get all(): Iterable<Resource> {
    return this.#resources.values();
  }

  async describe(): Promise<ResourceStatus[]> {
    return Promise.all([...this.#resources.values()].map(statusOf));
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.allSettled([...this.#resources.values()].map((resource) => resource.close()));
  }

  #implicit(capability: CapabilityName, name: string, policy = DEFAULT_POLICY): Resource {
    if (this.#resources.size >= MAX_IMPLICIT)
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'too-many-resources', `more than ${MAX_IMPLICIT} resources`);
    const driver = DRIVERS[capability]?.embedded;
    return this.#add(capability, name, { driver, policy });
  }

  /** A resource is listed by its name from its first call on. */
  #isSecret(name: string): boolean {
    return this.#context.secrets.mask(name) !== name;
  }

  #canStandIn(capability: string): capability is CapabilityName {
    if (!this.#develop || capability === 'rpc' || !Object.hasOwn(DRIVERS, capability)) return false;
    return DRIVERS[capability as CapabilityName]?.embedded !== undefined;
  }

  /** Said when it is made, which is once. */
  #standIn(capability: CapabilityName, name: string): Resource {
    const standIn = this.#implicit(capability, name);
    const { id: resource, driverName: driver } = standIn;
    const { dataDir } = this.#context;
    const place = isFileCapability(capability) ? defaultFile(capability, { dataDir, name }) : 'memory';
    this.#context.log.warn(
      { resource, driver },
      `${resource} is not in sidecar.yml: here the embedded driver "${driver}" stands in, and keeps its data in ${place}; outside of \`bottle dev\` that takes \`${lineFor(capability, name)}\``,
    );
    return standIn;
  }

  #add(
    capability: CapabilityName,
    name: string,
    settings: { driver?: string | undefined; policy: PolicyConfig; required?: boolean } & Connections,
  ): Resource {
    const entry = DRIVERS[capability];
    if (!entry) throw new BottleError(Code.UNIMPLEMENTED, 'no-capability', `no ${capability} yet`);
    const driverName = settings.driver ?? '';
    const open = entry.drivers[driverName];
    if (!open) throw new Error(`${capability} has no driver "${driverName}"`); // the schema allows only those there are
    const resource = new Resource({
      id: name === '' ? capability : `${capability}.${name}`,
      capability: entry.capability,
      driverName,
      policy: withinConnections(settings),
      isRequired: settings.required ?? false,
      open: () => open(settings as never, { ...this.#context, name, id: `${capability}.${name}` }),
    });
    this.#resources.set(`${capability}.${name}`, resource);
    return resource;
  }

  #namesOf(capability: string): string[] {
    return [...this.#resources.keys()].filter((id) => id.startsWith(`${capability}.`));
  }
}

async function statusOf(resource: Resource): Promise<ResourceStatus> {
  const startedAt = performance.now();
  const answered = await Promise.race([
    resource.ready().then((driver) => driver.ping()),
    new Promise<never>((_resolve, reject) => {
      setTimeout(reject, PING_TIMEOUT_MS, new Error('no answer')).unref();
    }),
  ]).then(
    () => true,
    () => false,
  );
  const { problem, warning } = resource;
  return {
    id: resource.id,
    driver: resource.driverName,
    state: problem === undefined && answered ? 'ready' : 'unavailable',
    ...(problem === undefined ? (answered ? {} : { problem: 'does not answer' }) : { problem }),
    ...(warning === undefined ? {} : { warning }),
    breaker: resource.policy.breakerState,
    inFlight: resource.policy.inFlight,
    abandoned: resource.policy.abandoned,
    waiting: resource.policy.waiting,
    latencyMs: answered ? Math.round((performance.now() - startedAt) * 100) / 100 : null,
  };
}

function unknownResource(capability: CapabilityName, name: string, known: string[]): BottleError {
  const has = known.length === 0 ? 'none is configured' : `there is ${known.join(', ')}`;
  const drivers = Object.keys(DRIVERS[capability]?.drivers ?? {}).join(', ');
  const choice = capability === 'http' || drivers === '' ? '' : `; its driver is one of: ${drivers}`;
  const message = `there is no resource ${capability}.${name} (${has}): add \`${lineFor(capability, name)}\` to sidecar.yml${choice}`;
  return new BottleError(Code.NOT_FOUND, 'no-resource', message);
}
