import type { SidecarConfig } from '../config.ts';
import { DRIVERS } from './drivers.ts';
import type { Offered } from './unknown-uses.ts';

/** What functions of a pod with these settings can name; see `Resources.find`. */
export function offeredResources(config: SidecarConfig['resources']): Offered {
  const entries = Object.entries(config).flatMap(([capability, resources]) =>
    Object.entries(resources).map(([name, settings]) => ({ id: `${capability}.${name}`, settings })),
  );
  const isConfigured = entries.some(({ settings }) => !isFunctionElsewhere(settings));
  const embedded = Object.entries(DRIVERS).flatMap(([capability, entry]) =>
    entry.embedded === undefined || capability === 'rpc' ? [] : [capability],
  );
  return { resources: entries.map(({ id }) => id), anyName: isConfigured ? [] : embedded };
}

/** A function that has moved to other pods: it says nothing about the other resources. */
export function isFunctionElsewhere(settings: object): boolean {
  return 'function' in settings && settings.function !== undefined;
}
