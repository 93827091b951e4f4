import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to start one of the pod's processes: arguments for this Node.js. */
export interface Program {
  nodeArgs: readonly string[];
}

/**
 * The sidecar allocates little that lives long, so a small young generation and an early major collection cost nothing;
 * what concurrent compilation allocates is never given back. A million requests grow it by 10 MB with these, by 75 MB
 * without. For the last one see sidecar/src/main.ts.
 */
const SIDECAR_FLAGS = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=15',
  '--no-concurrent-recompilation',
  '--no-allocation-site-pretenuring',
];
/** A young generation that holds what a few hundred invocations allocate. */
const RUNTIME_FLAGS = ['--max-semi-space-size=8', '--no-allocation-site-pretenuring', '--enable-source-maps'];

export function sidecarProgram(): Program {
  return { nodeArgs: [...SIDECAR_FLAGS, ...entryOf('@bottle/sidecar')] };
}

export function runtimeProgram(): Program {
  return { nodeArgs: [...RUNTIME_FLAGS, ...entryOf('@bottle/function-runtime')] };
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
function entryOf(name: string): string[] {
  const root = rootOf(name);
  const source = join(root, 'src/main.ts');
  // node:sqlite is experimental by name; kafkajs computes a negative timeout, once, without harm.
  // A crash report shows no environment, that of threads which are still starting included.
  const quiet = [
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    '--report-exclude-env',
  ];
  return existsSync(source) ? [...quiet, '--conditions=source', source] : [...quiet, join(root, 'dist/main.js')];
}
