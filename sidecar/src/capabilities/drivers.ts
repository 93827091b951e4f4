// Which drivers there are. A driver's library is loaded when a resource first needs it.
import { join } from 'node:path';
import {
  cacheCapability,
  type Capability,
  createEmbeddedQueue,
  createMemoryCache,
  createMemoryLock,
  type Driver,
  lockCapability,
  mqCapability,
  rpcCapability,
  type RpcDriver,
} from '@bottle/capabilities';
import type { CapabilityName } from '@bottle/protos';
import type { Logger } from 'pino';
import type { EmbeddedQueueConfig, MemoryLockConfig } from '../resources-config.ts';

/** What a driver may use of the sidecar. */
export interface DriverContext {
  log: Logger;
  /** Where embedded drivers keep their files. */
  dataDir: string;
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

export const DRIVERS: Readonly<Partial<Record<CapabilityName, CapabilityDrivers>>> = {
  cache: {
    capability: cacheCapability,
    embedded: 'memory',
    drivers: {
      memory: async (settings) => createMemoryCache(settings),
      redis: async (settings, context) => (await import('./cache/redis-cache.ts')).createRedisCache(settings, context),
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
      embedded: async (settings: Partial<EmbeddedQueueConfig>, { dataDir, name }) =>
        createEmbeddedQueue({ ...settings, file: settings.file ?? join(dataDir, `${name}.mq.sqlite`) }),
      kafka: async (settings, context) => (await import('./mq/kafka-queue.ts')).createKafkaQueue(settings, context),
    },
  },
  rpc: {
    capability: rpcCapability,
    embedded: 'local',
    drivers: {
      local: async (_settings, { localFunctions }) => localFunctions,
    },
  },
};
