import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { nearestKey } from '@bottle/config-file';
import { BottleError, Code } from 'bottle-sdk';
import type { LayerSpec } from '../manifest/manifest.ts';
import { withInstallHint } from './install-hint.ts';
import { findSource, moduleUrl, sourceCandidates } from './resolve-hooks.ts';

/** The module whose imports are a project's own code. */
export const LOADER_URL = import.meta.url;

/** What Node.js adds to the namespace of a CommonJS module. */
const CJS_EXPORT = 'module.exports';

/** A function's code in its one form, whatever its author wrote. What it returns may be awaited, and may be a generator. */
export interface Handler {
  (ctx: unknown, event: unknown): unknown;
  /** It is no async function: it may hand on a promise, and be on no stack when that rejects. */
  isPlain?: boolean;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Loads "file.export" of a project. Throws what the module threw, or BottleError when there is no such function. */
export async function loadHandler(projectDir: string, handler: string, attempt: number): Promise<Handler> {
  const { base, exportName } = partsOf(handler);
  const module = await load(projectDir, moduleUrl(handlerFile(projectDir, handler), attempt));
  const exported = exportOf(module, exportName);
  if (typeof exported !== 'function') {
    const hint = exportsInstead(module as object, exportName);
    const message = `handler "${handler}": ${base} has no exported function "${exportName}"${hint}`;
    throw new BottleError(Code.NOT_FOUND, 'no-export', message);
  }
  return Object.assign(toHandler(exported as AnyFunction), { isPlain: !isAsync(exported as AnyFunction) });
}

/** The file that "file.export" of a project is in. Throws BottleError when there is none. */
export function handlerFile(projectDir: string, handler: string): string {
  const { base } = partsOf(handler);
  const file = findSource(join(projectDir, base));
  if (file) return file;
  throw new BottleError(Code.NOT_FOUND, 'no-module', `handler "${handler}": there is no file ${base}.ts or .js`);
}

/** Every file that "file.export" may be in. */
export function handlerCandidates(projectDir: string, handler: string): string[] {
  return sourceCandidates(join(projectDir, partsOf(handler).base));
}

async function load(projectDir: string, url: string): Promise<unknown> {
  try {
    return (await import(url)) as unknown;
  } catch (error) {
    throw withSyntaxHint(withInstallHint(error, projectDir));
  }
}

/** The same error; of TypeScript that has to be compiled, its message says what does so. */
function withSyntaxHint(error: unknown): unknown {
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    error.message += ': types alone are removed from source that runs as it is; `bottle build` compiles it';
  return error;
}

function partsOf(handler: string): { base: string; exportName: string } {
  const dot = handler.lastIndexOf('.');
  return { base: handler.slice(0, dot), exportName: handler.slice(dot + 1) };
}

type LayerPlace = Pick<LayerSpec, 'name' | 'path'>;

/** Loads a layer's function. A layer that is missing or is not a function is fatal: throws BottleError. */
export async function loadLayer(projectDir: string, layer: LayerPlace, attempt: number): Promise<AnyFunction> {
  const module: unknown = await load(projectDir, moduleUrl(layerFile(projectDir, layer), attempt));
  const exported = exportOf(module, 'default') ?? exportOf(module, 'layer');
  if (typeof exported === 'function') return exported as AnyFunction;
  throw new BottleError(Code.NOT_FOUND, 'no-layer', `layer "${layer.name}": ${layer.path} exports no function`);
}

/** The file that a layer is in. Throws BottleError when there is none. */
export function layerFile(projectDir: string, layer: LayerPlace): string {
  return layer.path.startsWith('npm:') ? packageFile(projectDir, layer) : findLayerFile(projectDir, layer);
}

/** Every file that a layer which is no package may be in. */
export function layerCandidates(projectDir: string, { path }: LayerPlace): string[] {
  return path.startsWith('npm:') ? [] : sourceCandidates(resolve(projectDir, path));
}

/** "npm:@scope/package@1.2.3" → the package's entry, as the project resolves it. The version is npm's business. */
function packageFile(projectDir: string, layer: LayerPlace): string {
  const name = layer.path.slice('npm:'.length).replace(/(.)@[^@/]*$/, '$1');
  try {
    return createRequire(join(projectDir, 'package.json')).resolve(name);
  } catch (cause) {
    const message = `layer "${layer.name}": the package ${name} is not installed`;
    throw new BottleError(Code.NOT_FOUND, 'no-layer', message, { cause });
  }
}

function findLayerFile(projectDir: string, layer: LayerPlace): string {
  const target = resolve(projectDir, layer.path);
  const file = /\.\w+$/.test(layer.path) ? target : findSource(target);
  if (file) return file;
  throw new BottleError(Code.NOT_FOUND, 'no-layer', `layer "${layer.name}": there is no ${layer.path}`);
}

/** A named or default export of an ES module, or of what a CommonJS module assigned. */
function exportOf(module: unknown, name: string): unknown {
  const namespace = module as Record<string, unknown>;
  const commonJs = namespace['default'] as Record<string, unknown> | undefined;
  if (name !== 'default') return namespace[name] ?? commonJs?.[name];
  return commonJs !== undefined && typeof commonJs !== 'function' ? (commonJs['default'] ?? commonJs) : commonJs;
}

function exportsInstead(module: object, exportName: string): string {
  const names = Object.keys(module).filter(
    (name) => name !== CJS_EXPORT && typeof exportOf(module, name) === 'function',
  );
  const meant = nearestKey(exportName, names);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return names.length > 0 ? `; there is ${names.map((name) => `"${name}"`).join(', ')}` : '';
}

/** `(ctx, event, callback)` becomes a promise; everything else is called with `(ctx, event)`. */
function toHandler(written: AnyFunction): Handler {
  if (written.length < 3 || isGeneratorFunction(written)) return (ctx, event) => written(ctx, event);
  return (ctx, event) =>
    new Promise((resolve, reject) => {
      const callback = (error: unknown, result: unknown): void => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      };
      const returned = written(ctx, event, callback);
      if (returned instanceof Promise) returned.catch(reject);
    });
}

function isAsync(written: AnyFunction): boolean {
  return Object.prototype.toString.call(written).startsWith('[object Async');
}

function isGeneratorFunction(written: AnyFunction): boolean {
  return Object.prototype.toString.call(written) === '[object AsyncGeneratorFunction]';
}
