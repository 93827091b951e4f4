import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to start one of the pod's processes: arguments for this Node.js. */
export interface Program {
  nodeArgs: readonly string[];
}

/**
 * The flags of both are `nodeFlags` of their packages, and stand in the Dockerfiles as well.
 *
 * The sidecar allocates little that lives long, so a small young generation and an early major collection cost nothing;
 * what concurrent compilation allocates is never given back. A million requests grow it by 10 MB with these, by 75 MB
 * without. For the last one see sidecar/src/main.ts. The young generation of the runtime holds what a few hundred
 * invocations allocate. node:sqlite is experimental by name; kafkajs computes a negative timeout, once, without harm. A
 * crash report shows no environment, that of threads which are still starting included.
 */
export function sidecarProgram(): Program {
  return programOf('@bottle/sidecar');
}

export function runtimeProgram(): Program {
  return programOf('@bottle/function-runtime');
}

/** The directory of the package with the runtime. */
export function runtimeDir(): string {
  return rootOf('@bottle/function-runtime');
}

/** Whether this is a checkout, run from source. */
export function isCheckout(): boolean {
  return import.meta.filename.endsWith('.ts');
}

function rootOf(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

/** A package's main program, from source where there is source. */
function programOf(name: string): Program {
  const root = rootOf(name);
  const { nodeFlags } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { nodeFlags: string[] };
  const source = join(root, 'src/main.ts');
  const entry = existsSync(source) ? ['--conditions=source', source] : [join(root, 'dist/main.js')];
  return { nodeArgs: [...nodeFlags, ...entry] };
}
