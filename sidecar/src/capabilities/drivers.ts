// Which drivers there are. A driver's library is loaded when a resource first needs it.
import {
  cacheCapability,
  type Capability,
  configCapability,
  createEmbeddedQueue,
  createMemoryCache,
  createMemoryLock,
  createSqliteDatabase,
  databaseCapability,
  type Driver,
  httpCapability,
  lockCapability,
  mqCapability,
  objectsCapability,
  rpcCapability,
  type RpcDriver,
  secretsCapability,
  switchesCapability,
} from '@bottle/capabilities';
import type { CapabilityName, KnownSecrets } from '@bottle/protos';
import type { Logger } from 'pino';
import type { CallChains } from '../call-chains.ts';
import { defaultFile } from './default-file.ts';
import {
  DEFAULT_OBJECTS_BYTES,
  type DirectoryObjectsConfig,
  type EmbeddedQueueConfig,
  type EnvSecretsConfig,
  type FileSecretsConfig,
  type MemoryLockConfig,
  type SqliteConfig,
} from '../resources-config.ts';
import { hideSecrets } from './secrets/hide-secrets.ts';

/** What a driver may use of the sidecar. */
export interface DriverContext {
  log: Logger;
  /** The environment of the sidecar. */
  env: Readonly<Record<string, string | undefined>>;
  /** What its log does not show. */
  secrets: KnownSecrets;
  /** Where embedded drivers keep their files. */
  dataDir: string;
  chains: CallChains;
  /** The functions of this pod. */
  localFunctions: RpcDriver;
}

export interface NamedDriverContext extends DriverContext {
  /** "sessions" */
  name: string;
  /** "cache.sessions" */
  id: string;
}

type Open = (settings: never, context: NamedDriverContext) => Promise<Driver>;

interface CapabilityDrivers {
  capability: Capability;
  /** The driver of resources that nobody configured. */
  embedded: string | undefined;
  drivers: Readonly<Record<string, Open>>;
}

/** `config` and `switches` differ in what their values mean. */
const configDrivers: CapabilityDrivers['drivers'] = {
  file: async (settings, context) => (await import('./config/file-config.ts')).createFileConfig(settings, context),
  redis: async (settings, context) => (await import('./config/redis-config.ts')).createRedisConfig(settings, context),
};

export const DRIVERS: Readonly<Partial<Record<CapabilityName, CapabilityDrivers>>> = {
  cache: {
    capability: cacheCapability,
    embedded: 'memory',
    drivers: {
      memory: async (settings) => createMemoryCache(settings),
      redis: async (settings, context) => (await import('./cache/redis-cache.ts')).createRedisCache(settings, context),
    },
  },
  db: {
    capability: databaseCapability,
    embedded: 'sqlite',
    drivers: {
      sqlite: async (settings: Partial<SqliteConfig>, context) =>
        createSqliteDatabase({
          ...settings,
          file: settings.file ?? defaultFile('db', context),
          hasProcesses: true,
          onSlowQuery: (query) => context.log.warn({ resource: context.id, ...query }, 'slow query'),
        }),
      mysql: async (settings, context) =>
        (await import('./db/mysql-database.ts')).createMysqlDatabase(settings, context),
    },
  },
  http: {
    capability: httpCapability,
    embedded: undefined,
    drivers: {
      http: async (settings, context) =>
        (await import('./http/http-upstream.ts')).createHttpUpstream(settings, context),
    },
  },
  lock: {
    capability: lockCapability,
    embedded: 'memory',
    drivers: {
      memory: async ({ policy }: MemoryLockConfig) => createMemoryLock({ maxWaitMs: policy.timeoutMs / 2 }),
      redis: async (settings, context) => (await import('./lock/redis-lock.ts')).createRedisLock(settings, context),
    },
  },
  mq: {
    capability: mqCapability,
    embedded: 'embedded',
    drivers: {
      embedded: async (settings: Partial<EmbeddedQueueConfig>, context) =>
        createEmbeddedQueue({ ...settings, file: settings.file ?? defaultFile('mq', context) }),
      kafka: async (settings, context) => (await import('./mq/kafka-queue.ts')).createKafkaQueue(settings, context),
    },
  },
  config: { capability: configCapability, embedded: 'file', drivers: configDrivers },
  switches: { capability: switchesCapability, embedded: 'file', drivers: configDrivers },
  secrets: {
    capability: secretsCapability,
    embedded: 'files',
    drivers: {
      files: async ({ directory }: Partial<FileSecretsConfig>, context) => {
        const { createFileSecrets } = await import('./secrets/file-secrets.ts');
        const isOptional = directory === undefined;
        const place = directory ?? defaultFile('secrets', context);
        return hideSecrets(await createFileSecrets({ id: context.id, directory: place, isOptional }), context.secrets);
      },
      env: async ({ prefix }: EnvSecretsConfig, { env, secrets }) =>
        hideSecrets((await import('./secrets/env-secrets.ts')).createEnvSecrets(prefix, env), secrets),
    },
  },
  objects: {
    capability: objectsCapability,
    embedded: 'directory',
    drivers: {
      directory: async ({ directory, maxBytes }: Partial<DirectoryObjectsConfig>, context) => {
        const { createDirectoryObjects } = await import('./objects/directory-objects.ts');
        const place = directory ?? defaultFile('objects', context);
        return createDirectoryObjects({
          id: context.id,
          directory: place,
          maxBytes: maxBytes ?? DEFAULT_OBJECTS_BYTES,
        });
      },
      s3: async (settings, context) => (await import('./objects/s3-objects.ts')).createS3Objects(settings, context),
    },
  },
  rpc: {
    capability: rpcCapability,
    embedded: 'local',
    drivers: {
      local: async (_settings, { localFunctions }) => localFunctions,
      functions: async (settings, context) =>
        (await import('./rpc/remote-functions.ts')).createRemoteFunctions(settings, context),
      grpc: async (settings, context) => (await import('./rpc/grpc-service.ts')).createGrpcService(settings, context),
    },
  },
};
