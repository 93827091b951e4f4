import type { Server } from '@grpc/grpc-js';

/** The health of the process behind a socket. */
export interface Health {
  setHealthy(healthy: boolean): void;
}

/**
 * Adds grpc.health.v1 to a server. The library is loaded after the process has begun to serve: nobody asks before, and
 * it would be an eighth of the start.
 */
export async function addHealthService(server: Server, serviceName: string): Promise<Health> {
  const { HealthImplementation } = await import('grpc-health-check');
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  return { setHealthy: (healthy) => health.setStatus('', healthy ? 'SERVING' : 'NOT_SERVING') };
}
