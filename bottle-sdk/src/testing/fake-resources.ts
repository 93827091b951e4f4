import {
  cacheCapability,
  type CallContext,
  type Capability,
  configCapability,
  createEmbeddedQueue,
  createHandlerUpstream,
  createMemoryCache,
  createMemoryConfig,
  createMemoryLock,
  createMemoryObjects,
  createMemorySecrets,
  createSqliteDatabase,
  databaseCapability,
  type Driver,
  type EmbeddedQueue,
  httpCapability,
  type HttpHandler,
  lockCapability,
  mqCapability,
  objectsCapability,
  type QueueRecord,
  rpcCapability,
  type RpcDriver,
  secretsCapability,
  switchesCapability,
} from '@bottle/capabilities';
import { BottleError, type CapabilityName, Code } from '@bottle/protos';
import { jsonOf } from '../json-of.ts';

/** A function that `bottle.rpc.invoke` finds in the fake; gets no context but the event. */
export type FakeFunction = (event: unknown) => unknown;

export interface FakeResourcesOptions {
  /** Functions by name, or `<service>/<function>`. */
  functions?: Readonly<Record<string, FakeFunction>>;
  /** What answers in place of HTTP upstreams, by name. Paths reach it below `http://upstream.test`. */
  upstreams?: Readonly<Record<string, HttpHandler>>;
  /** Secrets by resource and key: `{ payments: { 'api-key': 'for tests' } }`. May be changed while the fake is used. */
  secrets?: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>;
}

interface Entry {
  capability: Capability;
  open(name: string, options: FakeResourcesOptions): Driver;
}

const BYTES_TYPE = 'application/octet-stream';

/** The embedded driver of every capability, kept in memory. */
const EMBEDDED: Readonly<Partial<Record<CapabilityName, Entry>>> = {
  cache: { capability: cacheCapability, open: () => createMemoryCache() },
  config: { capability: configCapability, open: () => createMemoryConfig() },
  switches: { capability: switchesCapability, open: () => createMemoryConfig() },
  db: { capability: databaseCapability, open: () => createSqliteDatabase({ file: ':memory:' }) },
  http: {
    capability: httpCapability,
    open: (name, { upstreams }) => createHandlerUpstream(handlerOf(name, upstreams)),
  },
  mq: { capability: mqCapability, open: () => createEmbeddedQueue({ file: ':memory:' }) },
  lock: { capability: lockCapability, open: () => createMemoryLock() },
  objects: { capability: objectsCapability, open: (name) => createMemoryObjects(name) },
  secrets: {
    capability: secretsCapability,
    open: (name, { secrets = {} }) =>
      createMemorySecrets(
        (key) => own(secrets, name)[key],
        () => Object.keys(own(secrets, name)),
      ),
  },
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

  /** What an `mq` resource keeps in a topic. */
  published(resource: string, topic: string): QueueRecord[] {
    return (this.find('mq', resource).driver as EmbeddedQueue).read(topic);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
    this.#drivers.clear();
  }
}

function own<Value>(
  values: Readonly<Record<string, Readonly<Record<string, Value>>>>,
  name: string,
): Readonly<Record<string, Value | undefined>> {
  return Object.assign(Object.create(null) as object, values[name]);
}

function handlerOf(name: string, upstreams: FakeResourcesOptions['upstreams']): HttpHandler {
  const handler = upstreams?.[name];
  if (handler) return handler;
  const message = `the fake has no upstream "${name}": createFakeBottle({ upstreams: { ${name}: (request) => … } })`;
  throw new BottleError(Code.NOT_FOUND, 'no-resource', message);
}

function createFunctions(functions: Readonly<Record<string, FakeFunction>>): RpcDriver {
  const unsupported = (): BottleError =>
    new BottleError(Code.UNIMPLEMENTED, 'no-operation', 'the fake has no gRPC services: give it functions');
  return {
    problem: undefined,
    ping: async () => {},
    close: async () => {},
    async invoke({ contentType, body }, { resource }: CallContext) {
      const target = functions[resource];
      if (!target) throw new BottleError(Code.NOT_FOUND, 'no-function', `there is no function "${resource}"`);
      const isBytes = contentType === BYTES_TYPE;
      const result = await target(isBytes ? body : body.length === 0 ? undefined : JSON.parse(body.toString()));
      if (result instanceof Uint8Array) return { contentType: BYTES_TYPE, body: result };
      return { body: result === undefined ? Buffer.alloc(0) : Buffer.from(jsonOf(result)) };
    },
    unary: () => Promise.reject(unsupported()),
    stream() {
      throw unsupported();
    },
  };
}
