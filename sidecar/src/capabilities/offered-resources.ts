import { DRIVERS } from './drivers.ts';
import type { Offered } from './missing-resources.ts';

/** What functions of a pod with these `resources` can name; see `Resources.find`. Works on settings that are half wrong. */
export function offeredResources(resources: unknown): Offered {
  const entries = Object.entries(asRecord(resources)).flatMap(([capability, named]) =>
    Object.entries(asRecord(named)).map(([name, settings]) => ({ id: `${capability}.${name}`, settings })),
  );
  const isConfigured = entries.some(({ settings }) => !isFunctionElsewhere(asRecord(settings)));
  const embedded = Object.entries(DRIVERS).flatMap(([capability, entry]) =>
    entry.embedded === undefined || capability === 'rpc' ? [] : [capability],
  );
  return { resources: entries.map(({ id }) => id), anyName: isConfigured ? [] : embedded };
}

/** A function that has moved to other pods: it says nothing about the other resources. */
export function isFunctionElsewhere(settings: object): boolean {
  return 'function' in settings && settings.function !== undefined;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
