import { existsSync } from 'node:fs';
import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LoadedFiles } from './loaded-files.ts';

/** Endings that an import may leave out, and what an import of compiled output (`./x.js`) may mean in a source tree. */
const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];

const RELATIVE = /^\.{1,2}\//;

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** The query that makes a module a new one: a failed module is never evaluated again under the same URL. */
const ATTEMPT_QUERY = 'bottle-attempt';

/**
 * How a project's modules are found:
 *  - `bottle-sdk` is always this runtime's own: one SDK, one AsyncLocalStorage, whatever is in node_modules;
 *  - relative imports without an ending, or with the ending of the compiled file, find the TypeScript source;
 *  - what belongs to a repeated attempt is loaded afresh, down to the project's last own module.
 * `files` gets to know every module that is found from one it has, and every file that an import looks for in vain.
 */
export function registerResolveHooks(projectDir: string, files: LoadedFiles): void {
  const projectUrl = `${pathToFileURL(projectDir).href}/`;
  const sdkUrl = import.meta.resolve('#sdk');
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === 'bottle-sdk') return { url: sdkUrl, shortCircuit: true };
      const parent = context.parentURL ?? '';
      if (!files.hasModule(parent)) return find(specifier, context, nextResolve);
      try {
        const found = find(specifier, context, nextResolve);
        files.addModule(found.url);
        return found;
      } catch (error) {
        for (const candidate of candidatesOf(specifier, parent)) files.addFile(candidate);
        throw error;
      }
    },
  });

  function find(specifier: string, context: ResolveHookContext, nextResolve: NextResolve): ResolveFnOutput {
    const parent = context.parentURL ?? '';
    const own = parent.startsWith(projectUrl) && !parent.includes('/node_modules/');
    if (!own || !RELATIVE.test(specifier)) return nextResolve(specifier, context);
    const source = sourceOf(specifier, parent);
    const isUrlForRequire = source.startsWith('file:') && context.conditions.includes('require');
    const resolved = nextResolve(isUrlForRequire ? fileURLToPath(source) : source, context);
    const attempt = new URL(parent).searchParams.get(ATTEMPT_QUERY);
    return attempt === null ? resolved : { ...resolved, url: withAttempt(resolved.url, attempt) };
  }
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

/** Every file that `base` may name. */
export function sourceCandidates(base: string): string[] {
  return [base, ...ENDINGS.map((ending) => base + ending)];
}

/** Under Node's permission model a file that must not be read is not there. */
function isThere(file: string): boolean {
  try {
    return existsSync(file);
  } catch {
    return false;
  }
}

/** Where a relative import looks for its file. A package appears with its entry in package.json, as a rule. */
function candidatesOf(specifier: string, parent: string): string[] {
  if (!RELATIVE.test(specifier)) return [];
  const target = fileURLToPath(new URL(specifier, parent));
  const compiled = /^(.*)\.([mc]?)js$/.exec(target);
  return [...sourceCandidates(target), ...(compiled ? [`${compiled[1]}.${compiled[2]}ts`] : [])];
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
