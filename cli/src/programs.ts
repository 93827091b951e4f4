import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCheckout } from './checkout.ts';

type ProgramName = 'sidecar' | 'function-runtime';

/** This file's package: a folder of a checkout, or the released command, whose programs lie beside this file's code. */
const OWN_PACKAGE = join(import.meta.dirname, '..');

/** How to start one of the pod's processes: arguments for this Node.js. */
export interface Program {
  nodeArgs: readonly string[];
}

/**
 * The flags of both are `nodeFlags` of their packages, and stand in the Dockerfiles as well. The released package has
 * both programs in it, and their flags by name.
 *
 * The sidecar allocates little that lives long, so a small young generation and an early major collection cost nothing;
 * what concurrent compilation allocates is never given back. A million requests grow it by 10 MB with these, by 75 MB
 * without. For the last one see sidecar/src/main.ts. The young generation of the runtime holds what a few hundred
 * invocations allocate. node:sqlite is experimental by name; kafkajs computes a negative timeout, once, without harm. A
 * crash report shows no environment, that of threads which are still starting included.
 */
export function sidecarProgram(): Program {
  return programOf('sidecar');
}

export function runtimeProgram(): Program {
  return programOf('function-runtime');
}

/** The directory of the package with the runtime. */
export function runtimeDir(): string {
  return isCheckout() ? workspaceOf('function-runtime') : OWN_PACKAGE;
}

function programOf(name: ProgramName): Program {
  if (isCheckout()) {
    const root = workspaceOf(name);
    const { nodeFlags } = readManifest(root) as { nodeFlags: string[] };
    return { nodeArgs: [...nodeFlags, '--conditions=source', join(root, 'src/main.ts')] };
  }
  const { nodeFlags } = readManifest(OWN_PACKAGE) as { nodeFlags: Record<ProgramName, string[]> };
  return { nodeArgs: [...nodeFlags[name], join(import.meta.dirname, `${name}.js`)] };
}

function workspaceOf(name: ProgramName): string {
  return dirname(fileURLToPath(import.meta.resolve(`@bottle/${name}/package.json`)));
}

function readManifest(directory: string): unknown {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}
