import {
  cacheCapability,
  type CallContext,
  type Capability,
  configCapability,
  createMemoryCache,
  createMemoryConfig,
  type Driver,
  rpcCapability,
  type RpcDriver,
  switchesCapability,
} from '@bottle/capabilities';
import { BottleError, type CapabilityName, Code } from '@bottle/protos';

/** A function that `bottle.rpc.invoke` finds in the fake; gets no context but the event. */
export type FakeFunction = (event: unknown) => unknown;

export interface FakeResourcesOptions {
  /** Functions by name, or `<service>/<function>`. */
  functions?: Readonly<Record<string, FakeFunction>>;
}

interface Entry {
  capability: Capability;
  open(name: string, options: FakeResourcesOptions): Driver;
}

/** The embedded driver of every capability, kept in memory. */
const EMBEDDED: Readonly<Partial<Record<CapabilityName, Entry>>> = {
  cache: { capability: cacheCapability, open: () => createMemoryCache() },
  config: { capability: configCapability, open: () => createMemoryConfig() },
  switches: { capability: switchesCapability, open: () => createMemoryConfig() },
  rpc: { capability: rpcCapability, open: (_name, { functions }) => createFunctions(functions ?? {}) },
};

/** Every resource that is asked for, made at its first use. */
export class FakeResources {
  readonly #drivers = new Map<string, Driver>();
  readonly #options: FakeResourcesOptions;

  constructor(options: FakeResourcesOptions) {
    this.#options = options;
  }

  find(name: CapabilityName, resource: string): { capability: Capability; driver: Driver } {
    const entry = EMBEDDED[name];
    if (!entry) throw new BottleError(Code.UNIMPLEMENTED, 'no-capability', `the fake has no ${name}`);
    const id = name === 'rpc' ? name : `${name}.${resource}`;
    let driver = this.#drivers.get(id);
    if (!driver) {
      driver = entry.open(resource, this.#options);
      this.#drivers.set(id, driver);
    }
    return { capability: entry.capability, driver };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
    this.#drivers.clear();
  }
}

function createFunctions(functions: Readonly<Record<string, FakeFunction>>): RpcDriver {
  const unsupported = (): BottleError =>
    new BottleError(Code.UNIMPLEMENTED, 'no-operation', 'the fake has no gRPC services: give it functions');
  return {
    problem: undefined,
    ping: async () => {},
    close: async () => {},
    async invoke({ body }, { resource }: CallContext) {
      const target = functions[resource];
      if (!target) throw new BottleError(Code.NOT_FOUND, 'no-function', `there is no function "${resource}"`);
      const result = await target(body.length === 0 ? undefined : JSON.parse(body.toString()));
      return { body: result === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(result)) };
    },
    unary: () => Promise.reject(unsupported()),
    stream() {
      throw unsupported();
    },
  };
}
