import type { MethodDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import type { CacheDefinition } from './generated/bottle/v1/Cache.ts';
import type { ConfigDefinition } from './generated/bottle/v1/Config.ts';
import type { DatabaseDefinition } from './generated/bottle/v1/Database.ts';
import type { FunctionsDefinition } from './generated/bottle/v1/Functions.ts';
import type { HttpDefinition } from './generated/bottle/v1/Http.ts';
import type { LockDefinition } from './generated/bottle/v1/Lock.ts';
import type { MessageQueueDefinition } from './generated/bottle/v1/MessageQueue.ts';
import type { ObjectsDefinition } from './generated/bottle/v1/Objects.ts';
import type { RpcDefinition } from './generated/bottle/v1/Rpc.ts';
import type { SecretsDefinition } from './generated/bottle/v1/Secrets.ts';
import { CAPABILITY_PROTO_FILES, LOADER_OPTIONS, PROTO_DIR } from './load.ts';
import { withCacheCodecs } from './wire/cache-codec.ts';
import { withSqlCodecs } from './wire/database-codec.ts';
import type { SqlDefinition } from './wire/database-messages.ts';

/** The contract of each capability: its methods with their codecs. `switches` speaks the contract of `config`. */
export interface CapabilityDefinitions {
  cache: CacheDefinition;
  db: SqlDefinition;
  mq: MessageQueueDefinition;
  rpc: RpcDefinition;
  http: HttpDefinition;
  config: ConfigDefinition;
  switches: ConfigDefinition;
  lock: LockDefinition;
  secrets: SecretsDefinition;
  objects: ObjectsDefinition;
}

export type CapabilityName = keyof CapabilityDefinitions;

/** Any method of a capability. */
export type AnyMethod = MethodDefinition<object, object, object, object>;

const SERVICES: Readonly<Record<keyof typeof CAPABILITY_PROTO_FILES, string>> = {
  cache: 'bottle.v1.Cache',
  db: 'bottle.v1.Database',
  mq: 'bottle.v1.MessageQueue',
  rpc: 'bottle.v1.Rpc',
  http: 'bottle.v1.Http',
  config: 'bottle.v1.Config',
  lock: 'bottle.v1.Lock',
  secrets: 'bottle.v1.Secrets',
  objects: 'bottle.v1.Objects',
};

export const CAPABILITY_NAMES = [
  'cache',
  'db',
  'mq',
  'rpc',
  'http',
  'config',
  'switches',
  'lock',
  'secrets',
  'objects',
] as const;

/** Files of this package, parsed when they are first asked for: they do not change. */
const loaded = new Map<string, object>();

/** The methods of a capability. The first call for each reads its .proto file. */
export function definitionOf<Name extends CapabilityName>(name: Name): CapabilityDefinitions[Name] {
  const wanted: CapabilityName = name;
  const contract = wanted === 'switches' ? 'config' : wanted;
  let definition = loaded.get(contract);
  if (!definition) {
    const file = CAPABILITY_PROTO_FILES[contract];
    definition = loadSync(file, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] })[SERVICES[contract]] as object;
    if (contract === 'cache') definition = withCacheCodecs(definition as CacheDefinition);
    if (contract === 'db') definition = withSqlCodecs(definition as DatabaseDefinition);
    loaded.set(contract, definition);
  }
  return definition as CapabilityDefinitions[Name];
}

/** What a pod offers to others: `bottle.v1.Functions`. The first call reads its .proto file. */
export function functionsDefinition(): FunctionsDefinition {
  let definition = loaded.get('functions');
  if (!definition) {
    const file = CAPABILITY_PROTO_FILES.rpc;
    definition = loadSync(file, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] })['bottle.v1.Functions'] as object;
    loaded.set('functions', definition);
  }
  return definition as FunctionsDefinition;
}

/**
 * The methods of a service in any .proto file, with codecs for them; messages look as the platform's own do (longs and
 * enums are strings, bytes are Buffers, fields are in camel case). Throws when there is no such file or service.
 */
export function loadServiceDefinition(
  file: string,
  service: string,
  includeDirs: readonly string[],
): Readonly<Record<string, AnyMethod>> {
  const definition = loadSync(file, { ...LOADER_OPTIONS, includeDirs: [...includeDirs] })[service];
  if (!definition || 'format' in definition) throw new Error(`${file} has no service "${service}"`);
  return definition;
}
