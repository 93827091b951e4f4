import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The operator's file as it is written; what is wrong with it the sidecar says. */
export function settingsOf(configFile: string | undefined): unknown {
  if (configFile === undefined || !existsSync(configFile)) return undefined;
  try {
    return parse(readFileSync(configFile, 'utf8'), { maxAliasCount: 100, merge: true, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

/** What it says there, if anything. */
export function valueAt(settings: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    settings,
  );
}
