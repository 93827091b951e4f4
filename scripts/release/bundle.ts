import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type BuildResult } from 'esbuild';
import { namesOfCommonJs } from './commonjs-names.ts';
import { ownSourceMap } from './own-source-map.ts';
import { packageFolder, thirdPartyNotices } from './third-party.ts';

export interface BundleOptions {
  root: string;
  /** The package's directory; code goes to `dist/` in it, sources to `src/`. */
  target: string;
  /** Output names, without ending, and their sources in this repository. */
  entries: Readonly<Record<string, string>>;
  external: readonly string[];
  platform: 'node' | 'browser';
  /** esbuild's name of the oldest engine that runs it: "node24", "es2022". */
  engine: string;
}

/**
 * CommonJS code in an ES module has neither `require` nor `__dirname`. Several packages look for their .proto files two
 * folders above their code, which is where the release puts them as seen from here.
 */
const COMMONJS_NAMES =
  "import { createRequire as __createRequire } from 'node:module';\n" +
  "import { fileURLToPath as __toPath } from 'node:url';\n" +
  'const require = __createRequire(import.meta.url);\n' +
  "const __filename = __toPath(new URL('modules/module.cjs', import.meta.url));\n" +
  "const __dirname = __toPath(new URL('modules', import.meta.url));\n";
/** What shows that code needs them: esbuild's own helper for `require` is one. */
const NEEDS_COMMONJS_NAMES = /=>\s*typeof require\b|\b__(dirname|filename)\b/;

/** Bundles programs so that what they share is there once, with their sources beside them. */
export async function bundle(options: BundleOptions): Promise<void> {
  const { root, target } = options;
  const outdir = join(target, 'dist');
  const result = await withThreads(options, options.entries);
  await mkdir(outdir, { recursive: true });
  for (const { path, text } of result.outputFiles) {
    if (path.endsWith('.map')) continue;
    const prelude = NEEDS_COMMONJS_NAMES.test(text) ? COMMONJS_NAMES : '';
    await writeFile(path, prelude + text);
    const map = result.outputFiles.find((file) => file.path === `${path}.map`)?.text ?? '{}';
    await writeFile(`${path}.map`, ownSourceMap(map, { root, outdir, extraLines: prelude.split('\n').length - 1 }));
  }
  const files = sourcesOf(result, root);
  for (const file of files.filter((each) => packageFolder(each) === undefined)) {
    await mkdir(dirname(join(target, 'src', file)), { recursive: true });
    await cp(join(root, file), join(target, 'src', file));
  }
  if (files.some((file) => packageFolder(file) !== undefined))
    await writeFile(join(target, 'THIRD-PARTY.md'), thirdPartyNotices(root, files));
}

type Bundled = BuildResult<{ write: false; metafile: true }>;

/** The bundles of the entries, and of the threads and processes that their code starts from files of their own. */
async function withThreads(options: BundleOptions, entries: Readonly<Record<string, string>>): Promise<Bundled> {
  const { root } = options;
  const result = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir: join(options.target, 'dist'),
    chunkNames: 'chunk-[hash]', // all in one folder: code that looks for files beside it finds them from every chunk
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: options.platform,
    target: options.engine,
    conditions: ['source'],
    external: [...options.external],
    sourcemap: 'linked',
    sourcesContent: false,
    keepNames: true, // a class that names itself is renamed: "_BottleError" in logs and stack traces
    plugins: [namesOfCommonJs(root)],
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const own = sourcesOf(result, root).filter((file) => packageFolder(file) === undefined);
  const found = Object.fromEntries((await Promise.all(own.map((file) => threadsOf(root, file)))).flat());
  const isComplete = Object.keys(found).every((name) => name in entries);
  return isComplete ? result : withThreads(options, { ...found, ...entries });
}

/** `new Worker(new URL('./tidy-thread.ts', import.meta.url))`, or `fork`: a name that no import shows. */
const THREAD = /'\.\/([\w-]+-(?:thread|child-process))\.ts'/g;

async function threadsOf(root: string, file: string): Promise<[name: string, source: string][]> {
  const text = await readFile(join(root, file), 'utf8');
  return [...text.matchAll(THREAD)].map(([, name = '']) => [name, join(dirname(file), `${name}.ts`)]);
}

/** The files whose code is in the bundles, as paths in this repository. */
function sourcesOf({ metafile }: Bundled, root: string): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [relative(root, resolve(root, file.replace(/^commonjs-names:/, '')))] : [],
  );
  return [...new Set(used)];
}
