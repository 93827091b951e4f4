import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Endings that an import may leave out, and what an import of compiled output (`./x.js`) may mean in a source tree. */
const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];

/** The query that makes a module a new one: a failed module is never evaluated again under the same URL. */
const ATTEMPT_QUERY = 'bottle-attempt';

/**
 * How a project's modules are found:
 *  - `bottle-sdk` is always this runtime's own: one SDK, one AsyncLocalStorage, whatever is in node_modules;
 *  - relative imports without an ending, or with the ending of the compiled file, find the TypeScript source;
 *  - what belongs to a repeated attempt is loaded afresh, down to the project's last own module.
 */
export function registerResolveHooks(projectDir: string): void {
  const projectUrl = `${pathToFileURL(projectDir).href}/`;
  const sdkUrl = import.meta.resolve('bottle-sdk');
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === 'bottle-sdk') return { url: sdkUrl, shortCircuit: true };
      const parent = context.parentURL ?? '';
      const own = parent.startsWith(projectUrl) && !parent.includes('/node_modules/');
      if (!own || !/^\.{1,2}\//.test(specifier)) return nextResolve(specifier, context);
      const source = sourceOf(specifier, parent);
      const isUrlForRequire = source.startsWith('file:') && context.conditions.includes('require');
      const resolved = nextResolve(isUrlForRequire ? fileURLToPath(source) : source, context);
      const attempt = new URL(parent).searchParams.get(ATTEMPT_QUERY);
      return attempt === null ? resolved : { ...resolved, url: withAttempt(resolved.url, attempt) };
    },
  });
}

/** A module's URL for the given attempt at loading it; the first attempt has none. */
export function moduleUrl(file: string, attempt: number): string {
  const url = pathToFileURL(file).href;
  return attempt === 1 ? url : withAttempt(url, String(attempt));
}

/** The file that `base` names with or without its ending; undefined when there is none. */
export function findSource(base: string): string | undefined {
  return ENDINGS.map((ending) => base + ending).find(isThere);
}

/** Under Node's permission model a file that must not be read is not there. */
function isThere(file: string): boolean {
  try {
    return existsSync(file);
  } catch {
    return false;
  }
}

function sourceOf(specifier: string, parent: string): string {
  const target = fileURLToPath(new URL(specifier, parent));
  if (/\.\w+$/.test(specifier) && isThere(target)) return specifier;
  const compiled = /^(.*)\.([mc]?)js$/.exec(target);
  const source = compiled ? `${compiled[1]}.${compiled[2]}ts` : undefined;
  const found = source && isThere(source) ? source : findSource(target);
  return found ? pathToFileURL(found).href : specifier;
}

function withAttempt(url: string, attempt: string): string {
  const result = new URL(url);
  result.searchParams.set(ATTEMPT_QUERY, attempt);
  return result.href;
}
