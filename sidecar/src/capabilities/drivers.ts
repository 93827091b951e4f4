// Which drivers there are. A driver's library is loaded when a resource first needs it.
import {
  cacheCapability,
  type Capability,
  createMemoryCache,
  type Driver,
  rpcCapability,
  type RpcDriver,
} from '@bottle/capabilities';
import type { CapabilityName } from '@bottle/protos';
import type { Logger } from 'pino';

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
  rpc: {
    capability: rpcCapability,
    embedded: 'local',
    drivers: {
      local: async (_settings, { localFunctions }) => localFunctions,
    },
  },
};
