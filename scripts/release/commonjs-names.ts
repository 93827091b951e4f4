import { createRequire } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

const BARE = /^[^./#]/;
/** What esbuild hands back to us about a resolution that we asked for ourselves. */
const OURS = { 'names-of-commonjs': true };
/**
 * `const { destination } = await import('pino')`: Node.js finds the names that a CommonJS module exports, esbuild gives
 * only its default. So it gets a module that has the names which Node.js finds.
 */
export function namesOfCommonJs(root: string): Plugin {
  return {
    name: 'names-of-commonjs',
    setup(build) {
      build.onResolve({ filter: BARE }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === OURS || importer.includes('/node_modules/')) return undefined;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: OURS });
        if (found.external || found.errors.length > 0 || !found.path.includes('/node_modules/')) return found;
        const names = await commonJsNames(found.path);
        if (names === undefined) return found;
        return { path: relative(root, found.path), namespace: 'commonjs-names', pluginData: names };
      });
      build.onLoad({ filter: /.*/, namespace: 'commonjs-names' }, ({ path, pluginData }) => ({
        contents: `const all = require(${JSON.stringify(`./${path}`)});\nexport default all;\nexport const { ${(pluginData as string[]).join(', ')} } = all;`,
        resolveDir: root,
      }));
    },
  };
}

/** Undefined for an ES module. */
async function commonJsNames(file: string): Promise<string[] | undefined> {
  const module = (await import(file)) as Record<string, unknown>;
  const isCommonJs = createRequire(import.meta.url).cache[file] !== undefined;
  if (!isCommonJs) return undefined;
  return Object.keys(module).filter(
    (name) => name !== 'default' && name !== 'module.exports' && name !== '__esModule' && /^[\w$]+$/.test(name),
  );
}
