import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
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
  /** esbuild's name of the oldest Node.js that runs it. */
  nodeTarget: string;
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

/** Bundles programs so that what they share is there once, with their sources beside them. Returns what went into them. */
export async function bundle(options: BundleOptions): Promise<string[]> {
  const { root, target, entries, external, nodeTarget } = options;
  const outdir = join(target, 'dist');
  const result = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir,
    chunkNames: 'chunk-[hash]', // all in one folder: code that looks for files beside it finds them from every chunk
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: nodeTarget,
    conditions: ['source'],
    external: [...external],
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [namesOfCommonJs(root)],
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  await mkdir(outdir, { recursive: true });
  for (const { path, text } of result.outputFiles) {
    if (path.endsWith('.map')) continue;
    const prelude = NEEDS_COMMONJS_NAMES.test(text) ? COMMONJS_NAMES : '';
    await writeFile(path, prelude + text);
    const map = result.outputFiles.find((file) => file.path === `${path}.map`)?.text ?? '{}';
    await writeFile(`${path}.map`, ownSourceMap(map, { root, outdir, extraLines: prelude.split('\n').length - 1 }));
  }
  const inputs = Object.values(result.metafile.outputs).flatMap(({ inputs: used }) =>
    Object.entries(used).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file.replace(/^commonjs-names:/, '')] : [],
    ),
  );
  const files = [...new Set(inputs)].map((file) => relative(root, resolve(root, file)));
  for (const file of files.filter((each) => packageFolder(each) === undefined)) {
    await mkdir(dirname(join(target, 'src', file)), { recursive: true });
    await cp(join(root, file), join(target, 'src', file));
  }
  if (files.some((file) => packageFolder(file) !== undefined))
    await writeFile(join(target, 'THIRD-PARTY.md'), thirdPartyNotices(root, files));
  return files;
}
