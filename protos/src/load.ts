import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';

/** Where the .proto files are; `bottle/v1/…` below it. */
export const PROTO_DIR: string = fileURLToPath(new URL('../', import.meta.url));

export const PROTO_FILES = ['bottle/v1/channel.proto', 'bottle/v1/runtime.proto', 'bottle/v1/bottle.proto'] as const;

/** Events of triggers: no service has them, so only their types are made from the file; the codec is in `wire/`. */
export const EVENT_PROTO_FILE = 'bottle/v1/events.proto';

/** The contracts of the capabilities, loaded when one is first used. */
export const CAPABILITY_PROTO_FILES = {
  cache: 'bottle/v1/cache.proto',
  db: 'bottle/v1/database.proto',
  mq: 'bottle/v1/mq.proto',
  rpc: 'bottle/v1/rpc.proto',
  http: 'bottle/v1/http.proto',
  config: 'bottle/v1/config.proto',
  lock: 'bottle/v1/lock.proto',
  secrets: 'bottle/v1/secrets.proto',
  objects: 'bottle/v1/objects.proto',
} as const;

/** The one option set: generated types, tests and every program that loads the files use it. */
export const LOADER_OPTIONS = {
  keepCase: false,
  longs: String,
  enums: String,
  bytes: Buffer,
  defaults: true,
  oneofs: true,
} as const satisfies Options;

/** The contract as proto-loader sees it, every message with protobufjs's own codec. */
export function loadProtos(): { definition: PackageDefinition; packages: GrpcObject } {
  const definition = loadSync([...PROTO_FILES], { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] });
  return { definition, packages: loadPackageDefinition(definition) };
}
