import { CacheClient } from './cache/cache-client.ts';
import { type Codec, type CodecName, CODECS } from './cache/codecs.ts';
import { ConfigClient, type ConfigOptions } from './config/config-client.ts';
import { SwitchesClient } from './config/switches-client.ts';
import { Database } from './db/database-client.ts';
import { createHttpClient, type HttpClient } from './http/http-client.ts';
import { LockClient } from './lock/lock-client.ts';
import { MqClient } from './mq/mq-client.ts';
import { ObjectsClient } from './objects/objects-client.ts';
import { ResourceCalls } from './resource-calls.ts';
import { type RpcClient, rpcClient } from './rpc/rpc-client.ts';
import { SecretsClient } from './secrets/secrets-client.ts';
import { type BottleScope, currentScope } from './scope.ts';

/** The platform's capabilities. Every call belongs to the invocation whose code makes it. */
export interface Bottle {
  /** A cache resource; values are JSON. */
  cache<Value = unknown>(resource: string): CacheClient<Value>;
  /** A cache resource whose values are text, bytes, or what a codec of one's own makes of them. */
  cache(resource: string, options: { codec: 'text' }): CacheClient<string>;
  cache(resource: string, options: { codec: 'bytes' }): CacheClient<Uint8Array>;
  cache<Value>(resource: string, options: { codec: 'json' | Codec<Value> }): CacheClient<Value>;
  /** A resource of configuration: values that operators change while the pod runs. */
  config(resource: string, options?: ConfigOptions): ConfigClient;
  /** A resource of switches, with rules and percentages. */
  switches(resource: string, options?: ConfigOptions): SwitchesClient;
  /** A database. */
  db(resource: string): Database;
  /** An HTTP upstream: the standard `fetch`, with paths below its base URL. */
  http(resource: string): HttpClient;
  /** A message queue. */
  mq(resource: string): MqClient;
  /** Locks: one holder each among all pods. */
  lock(resource: string): LockClient;
  /** Object storage: bytes under names. */
  objects(resource: string): ObjectsClient;
  /** Secrets: values that no log shows. */
  secrets(resource: string): SecretsClient;
  /** Other functions, and gRPC services. */
  readonly rpc: RpcClient;
}

/** A bottle whose calls belong to the scope that `scopeOf` finds. */
export function createBottle(scopeOf: () => BottleScope): Bottle {
  return {
    cache: ((resource: string, { codec = 'json' }: { codec?: CodecName | Codec<unknown> } = {}) => {
      const calls = new ResourceCalls(scopeOf, 'cache', resource);
      return new CacheClient(calls, typeof codec === 'string' ? CODECS[codec] : codec);
    }) as Bottle['cache'],
    config: (resource, options) => new ConfigClient(new ResourceCalls(scopeOf, 'config', resource), options),
    switches: (resource, options) => new SwitchesClient(new ResourceCalls(scopeOf, 'switches', resource), options),
    db: (resource) => new Database(new ResourceCalls(scopeOf, 'db', resource)),
    http: (resource) => createHttpClient(new ResourceCalls(scopeOf, 'http', resource)),
    mq: (resource) => new MqClient(new ResourceCalls(scopeOf, 'mq', resource)),
    lock: (resource) => new LockClient(new ResourceCalls(scopeOf, 'lock', resource)),
    objects: (resource) => new ObjectsClient(new ResourceCalls(scopeOf, 'objects', resource)),
    secrets: (resource) => new SecretsClient(new ResourceCalls(scopeOf, 'secrets', resource)),
    rpc: rpcClient(scopeOf),
  };
}

/** The bottle of whatever invocation is running. Throws outside one; `withScope` makes a scope for init code. */
export const bottle: Bottle = createBottle(currentScope);
