// A bundle joins modules of many folders in one file, yet `new URL('../data/items.json', import.meta.url)` and
// `join(__dirname, 'views')` must find what they found in the sources. So every module keeps its place: it gets an
// `import.meta` (or `__dirname`) as if it lay in the output where it lies in the project.
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import type { Loader, Metafile, Plugin } from 'esbuild';
import { BUNDLE_DIR } from './entries.ts';

/** The file beside the bundles that knows where the output is. */
export const PLACES_FILE = `${BUNDLE_DIR}/module-places.mjs`;
const PLACES_IMPORT = './module-places.mjs';
const PREFIX = 'bottle-place:';
const META = '__bottle_meta';

/** What esbuild is to put for the names that depend on a module's place. */
export const PLACE_DEFINES: Readonly<Record<string, string>> = {
  'import.meta': META,
  __dirname: `${META}.dirname`,
  __filename: `${META}.filename`,
};

export const PLACES_SOURCE = `// Where the modules of these bundles lay in the project; seen from the folder above.
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

export function metaOf(path) {
  const filename = join(root, path);
  const { href: url } = pathToFileURL(filename);
  return {
    url,
    filename,
    dirname: dirname(filename),
    main: false,
    resolve: (specifier) =>
      /^\\.{0,2}\\//.test(specifier) ? new URL(specifier, url).href : import.meta.resolve(specifier),
  };
}
`;

const MENTIONS = /\bimport\s*\.\s*meta\b|\b__(dirname|filename)\b/;
const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
};

/** Gives each module that asks for its place the place it has in the project. */
export function modulePlaces(projectDir: string): Plugin {
  return {
    name: 'module-places',
    setup(build) {
      build.onResolve({ filter: /^bottle-place:/ }, ({ path }) => ({
        path: path.slice(PREFIX.length),
        namespace: 'bottle-place',
      }));
      build.onLoad({ filter: /.*/, namespace: 'bottle-place' }, ({ path }) => ({
        contents: `import { metaOf } from '${PLACES_IMPORT}';\nexport default /* @__PURE__ */ metaOf(${JSON.stringify(path)});`,
      }));
      build.onResolve({ filter: /^\.\/module-places\.mjs$/, namespace: 'bottle-place' }, () => ({
        path: PLACES_IMPORT,
        external: true,
      }));
      build.onLoad({ filter: /\.([mc]?[jt]s|[jt]sx)$/, namespace: 'file' }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8');
        if (!MENTIONS.test(text)) return undefined;
        const specifier = JSON.stringify(PREFIX + placeOf(file, projectDir));
        const contents = isModule(file, text)
          ? `${text}\nimport ${META} from ${specifier};` // imports go first wherever they are written
          : text.replace(FIRST_STATEMENT, (start) => `${start};var ${META} = require(${specifier}).default;`);
        return { contents, loader: LOADERS[extname(file)] ?? 'js' };
      });
    },
  };
}

/** A `#!` line, and a directive with what stands before it: neither is one any more behind a statement. */
const FIRST_STATEMENT = /^(#!.*\n)?(?:(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*(['"])use strict\2;?)?/;

/** The modules in the outputs that ask for their place. */
export function placesIn(outputs: Metafile['outputs']): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([name, { bytesInOutput }]) =>
    name.startsWith(PREFIX) && bytesInOutput > 0 ? name.slice(PREFIX.length) : [],
  );
}

/** A file's path in the project; packages are below node_modules, wherever they are installed. */
export function placeOf(file: string, projectDir: string): string {
  const inside = relative(projectDir, file).split(sep).join('/');
  if (!inside.startsWith('../')) return inside;
  const at = inside.indexOf('node_modules/');
  return at === -1 ? inside.replace(/^(\.\.\/)+/, '') : inside.slice(at);
}

/** As Node.js decides it: by the ending, the nearest package.json, the syntax. */
function isModule(file: string, text: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (/\.c[jt]s$/.test(file)) return false;
  const type = packageTypeOf(dirname(file));
  return type === undefined ? /^\s*(import|export)\b[^(.]/m.test(text) : type === 'module';
}

function packageTypeOf(directory: string): 'module' | 'commonjs' | undefined {
  const file = join(directory, 'package.json');
  if (existsSync(file)) {
    const { type } = JSON.parse(readFileSync(file, 'utf8')) as { type?: 'module' | 'commonjs' };
    return type;
  }
  const parent = dirname(directory);
  return parent === directory || directory.endsWith(`${sep}node_modules`) ? undefined : packageTypeOf(parent);
}
