import { existsSync, readFileSync } from 'node:fs';

/** Settings of the function container. Every other BOTTLE_ variable is the sidecar's. */
const OWN_SETTINGS = new Set([
  'BOTTLE_SOCKET_DIR',
  'BOTTLE_BLOCKED_MS',
  'BOTTLE_LOG_LEVEL',
  'BOTTLE_FUNCTIONS',
  'BOTTLE_SUPERVISED',
]);

/** `${NAME}` and `${NAME:-text}` of sidecar.yml. */
const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-[^}]*)?\}/g;
/** `${file:/path}` of sidecar.yml. */
const FILE_REFERENCE = /\$\{file:([^}]+)\}/g;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for the process that runs functions: without what the operator's files refer to, which is where
 * secrets are, and without the sidecar's settings. Files that are not there count as empty.
 */
export function functionEnvironment(env: Environment, operatorFiles: readonly string[]): Environment {
  const names = new Set(secretNames(operatorFiles));
  const mayHave = (name: string): boolean =>
    !names.has(name) && (OWN_SETTINGS.has(name) || !name.startsWith('BOTTLE_'));
  return Object.fromEntries(Object.entries(env).filter(([name]) => mayHave(name)));
}

/** Environment variables that the operator's files take secrets from. */
export function secretNames(operatorFiles: readonly string[]): string[] {
  return operatorFiles.flatMap((file) => matches(file, REFERENCE));
}

/** Files that the operator's files take secrets from. */
export function secretFiles(operatorFiles: readonly string[]): string[] {
  return operatorFiles.flatMap((file) => matches(file, FILE_REFERENCE));
}

function matches(file: string, pattern: RegExp): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
}
