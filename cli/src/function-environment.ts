import { existsSync, readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

/** Settings of the function container. Every other BOTTLE_ variable is the sidecar's. */
const OWN_SETTINGS = new Set([
  'BOTTLE_SOCKET_DIR',
  'BOTTLE_BLOCKED_MS',
  'BOTTLE_LOG_LEVEL',
  'BOTTLE_FUNCTIONS',
  'BOTTLE_SUPERVISED',
]);

/** `${NAME}` and `${NAME:-text}` of sidecar.yml. */
const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
/** `${file:/path}` of sidecar.yml. */
const FILE_REFERENCE = /\$\{file:([^}]+)\}/g;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for the process that runs functions: without what the operator's files refer to, which is where
 * secrets are, without the variables of `secrets` resources, and without the sidecar's settings. Files that are not there
 * count as empty.
 */
export function functionEnvironment(env: Environment, operatorFiles: readonly string[]): Environment {
  const names = new Set(secretNames(operatorFiles));
  const prefixes = secretPrefixes(operatorFiles, env);
  const mayHave = (name: string): boolean =>
    !names.has(name) &&
    !prefixes.some((prefix) => name.startsWith(prefix)) &&
    (OWN_SETTINGS.has(name) || !name.startsWith('BOTTLE_'));
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

/** What the names of variables with secrets for functions begin with. */
export function secretPrefixes(operatorFiles: readonly string[], env: Environment): string[] {
  return settingsOfSecrets(operatorFiles, env, 'prefix');
}

/** Directories with secrets for functions. */
export function secretDirectories(operatorFiles: readonly string[], env: Environment): string[] {
  return settingsOfSecrets(operatorFiles, env, 'directory');
}

interface Settings {
  resources?: { secrets?: Record<string, Record<string, unknown> | null> | null } | null;
}

function settingsOfSecrets(operatorFiles: readonly string[], env: Environment, setting: string): string[] {
  return operatorFiles.flatMap((file) => {
    const text = (existsSync(file) ? readFileSync(file, 'utf8') : '').replace(
      REFERENCE,
      (whole: string, name: string, fallback?: string) => env[name] ?? fallback ?? whole,
    );
    const values = Object.values(settingsIn(text).resources?.secrets ?? {}).map((resource) => resource?.[setting]);
    return values.flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []));
  });
}

/** A file that does not parse starts no sidecar, which has the secrets. */
function settingsIn(text: string): Settings {
  try {
    const data: unknown = parseDocument(text).toJS();
    return typeof data === 'object' && data !== null ? data : {};
  } catch {
    return {};
  }
}

function matches(file: string, pattern: RegExp): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
}
