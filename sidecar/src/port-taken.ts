import { BottleError, Code } from '@bottle/protos';
import type { SidecarConfig } from './config.ts';
import { findPortOwner } from './port-owner.ts';

/** Where a server listens, and by what it is set. */
export interface ListeningPlace {
  /** "HTTP", "admin" */
  name: string;
  host: string;
  port: number;
  /** "http.port (--port, BOTTLE_PORT)" */
  setting: string;
}

/** Those of the sidecar's servers. */
export function listeningPlaces({ admin, metrics, http2, http }: SidecarConfig) {
  return {
    admin: { name: 'admin', ...placeOf(admin), setting: 'admin.port (--admin-port, BOTTLE_ADMIN_PORT)' },
    metrics: { name: 'metrics', ...placeOf(metrics), setting: 'metrics.port (--metrics-port, BOTTLE_METRICS_PORT)' },
    http2: { name: 'HTTP/2', ...placeOf(http2), setting: 'http2.port (--http2-port, BOTTLE_HTTP2_PORT)' },
    http: { name: 'HTTP', ...placeOf(http), setting: 'http.port (--port, BOTTLE_PORT)' },
  } satisfies Record<string, ListeningPlace>;
}

function placeOf({ host, port }: { host: string; port: number }): { host: string; port: number } {
  return { host, port };
}

/** Resolves with the port; an error says which one it is about, and what to do. */
export async function listenAt<Listened extends Promise<number> | undefined>(
  place: ListeningPlace,
  listen: (host: string, port: number) => Listened,
): Promise<Awaited<Listened>> {
  try {
    return await listen(place.host, place.port);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    throw portTaken(place, failure, failure.code === 'EADDRINUSE' ? await findPortOwner(place.port) : undefined);
  }
}

/** `owner`: who has it, where that is known. */
export function portTaken(
  { name, host, port, setting }: ListeningPlace,
  { code = 'unknown' }: NodeJS.ErrnoException,
  owner?: string,
): BottleError {
  const why = code === 'EADDRINUSE' ? `is taken${owner ? ` by ${owner}` : ''}` : `cannot be used (${code})`;
  const message = `the ${name} port ${port} of ${host} ${why}: stop what listens there, or choose another by ${setting}`;
  return new BottleError(Code.UNAVAILABLE, 'port-taken', message);
}
