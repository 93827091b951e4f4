import { posix, relative, resolve, sep } from 'node:path';
import type { BuildOptions, BuildResult, Message, Metafile } from 'esbuild';
import { isCheckout } from '../checkout.ts';
import { BUNDLE_DIR, type Entry } from './entries.ts';
import { type ExternalPackages, externalPackages } from './external-packages.ts';
import { modulePlaces, PLACE_DEFINES, placeOf, PLACES_FILE, PLACES_SOURCE, placesIn } from './module-places.ts';

/** Where the bundler believes its output is; where it really goes must not change a byte. */
const NOMINAL_OUT = '.bottle/build';
/** A package with compiled code found late means another round; each round finds at least one. */
const MAX_ROUNDS = 10;

/** What `require` is in the helper that esbuild writes for it: CommonJS code in an ES module. */
const REQUIRE_HELPER = /=>\s*typeof require\b/;
const REQUIRE_LINE =
  "import { createRequire as __bottleCreateRequire } from 'node:module'; const require = __bottleCreateRequire(import.meta.url);\n";

export interface BundleOptions {
  projectDir: string;
  entries: readonly Entry[];
  /** Packages to leave out. */
  external: readonly string[];
  minify: boolean;
  signal: AbortSignal;
}

export interface Bundles {
  /** By path in the output. */
  files: Map<string, string>;
  /** Folders that modules look around in, which `__dirname + '/../file'` needs to exist. */
  folders: string[];
  /** What is in them; outputs by path in the output. */
  outputs: Metafile['outputs'];
  warnings: Message[];
  /** Packages that were left out and are needed, by name, and those of them that have compiled code. */
  packages: Map<string, string>;
  native: Set<string>;
}

/** Bundles the entries so that what they share is there once. Rejects with esbuild's BuildFailure, or the signal's reason. */
export async function bundle(options: BundleOptions): Promise<Bundles> {
  const { projectDir, signal } = options;
  const { build, stop } = await import('esbuild');
  const packages: ExternalPackages = {
    names: new Set(options.external),
    folders: new Map(),
    late: new Set(),
    native: new Set(),
  };
  signal.addEventListener('abort', () => void stop()); // its process, which may be anywhere
  let result = await unlessAborted(build(esbuildOptions(options, packages)), signal);
  for (let round = 1; packages.late.size > 0 && round < MAX_ROUNDS; round++) {
    packages.late.clear();
    result = await unlessAborted(build(esbuildOptions(options, packages)), signal);
  }
  const nominalOut = resolve(projectDir, NOMINAL_OUT);
  const pathOf = (file: string): string => relative(nominalOut, resolve(projectDir, file)).split(sep).join('/');
  const files = new Map<string, string>();
  for (const { path, text } of result.outputFiles) files.set(pathOf(path), text);
  for (const [path, text] of files) finish(files, path, text, projectDir);
  const outputs = Object.fromEntries(
    Object.entries(result.metafile.outputs).map(([path, output]) => [
      pathOf(path),
      { ...output, imports: output.imports.map((imported) => ({ ...imported, path: pathOf(imported.path) })) },
    ]),
  );
  if (placesIn(outputs).length > 0) files.set(PLACES_FILE, PLACES_SOURCE);
  return {
    files,
    folders: placesIn(outputs).map((place) => posix.dirname(place)),
    outputs,
    warnings: result.warnings,
    packages: packages.folders,
    native: packages.native,
  };
}

/** esbuild leaves a build unsettled when its process is stopped. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
  return Promise.race([work, aborted]);
}

type InMemory = BuildOptions & { write: false; metafile: true };

function esbuildOptions(
  { projectDir, entries, minify }: BundleOptions,
  packages: ExternalPackages,
): InMemory & { entryPoints: { in: string; out: string }[] } {
  return {
    absWorkingDir: projectDir,
    entryPoints: entries.map(({ file, output }) => ({ in: file, out: output })),
    outdir: NOMINAL_OUT,
    chunkNames: `${BUNDLE_DIR}/chunk-[hash]`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: isCheckout() ? ['source'] : [],
    resolveExtensions: ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.tsx', '.jsx', '.json'],
    minify,
    keepNames: minify, // the names of classes are those of errors
    sourcemap: 'linked',
    sourcesContent: false,
    define: { ...PLACE_DEFINES },
    plugins: [externalPackages(packages, projectDir), modulePlaces(projectDir)],
    write: false,
    metafile: true,
    logLevel: 'silent',
  };
}

/** A bundle gets its `require`, if it needs one; a source map names sources as seen from the output. */
function finish(files: Map<string, string>, path: string, text: string, projectDir: string): void {
  if (!path.endsWith('.mjs')) return;
  const needsRequire = REQUIRE_HELPER.test(text);
  if (needsRequire) files.set(path, REQUIRE_LINE + text);
  const map = files.get(`${path}.map`);
  if (map === undefined) return;
  const parsed = JSON.parse(map) as { sources: string[]; mappings: string };
  const nominalDir = resolve(projectDir, NOMINAL_OUT, BUNDLE_DIR);
  const sources = parsed.sources.map((source) =>
    source.startsWith('bottle-place:') ? source : `../${placeOf(resolve(nominalDir, source), projectDir)}`,
  );
  const mappings = needsRequire ? `;${parsed.mappings}` : parsed.mappings; // one line more
  files.set(`${path}.map`, `${JSON.stringify({ ...parsed, sources, mappings })}\n`);
}

/** esbuild's messages as it prints them: file, line, the code around. */
export async function formatMessages(
  messages: readonly Message[],
  kind: 'error' | 'warning',
  color: boolean,
): Promise<string> {
  const { formatMessages: format } = await import('esbuild');
  return (await format([...messages], { kind, color })).join('');
}

/** The errors of a build that esbuild refused; undefined for any other error. */
export function errorsOf(error: unknown): Message[] | undefined {
  const { errors } = error as Partial<BuildResult>;
  return error instanceof Error && Array.isArray(errors) && errors.length > 0 ? errors : undefined;
}
