import { dirname, relative, sep } from 'node:path';
import { isBuiltin } from 'node:module';
import type { PartialMessage, Plugin } from 'esbuild';
import { findPackage, hasNativeCode, packageNameOf, packageOf } from './package-folders.ts';

/** What is not bundled, grown while a build runs. */
export interface ExternalPackages {
  /** Names that are left as they are. */
  names: Set<string>;
  /** Folders by name, of those that some module imports. */
  folders: Map<string, string>;
  /** Names that were found to have compiled code, and had been bundled in part: the build must be repeated. */
  late: Set<string>;
  /** All that were found to have compiled code. */
  native: Set<string>;
}

const SDK = 'bottle-sdk';
/** What esbuild hands back to us about a resolution that we asked for ourselves. */
const OURS = { 'external-packages': true };

/**
 * Leaves some packages out of the bundles: the SDK, which is the runtime's own, those named, and those with compiled
 * code.
 */
export function externalPackages({ names, folders, late, native }: ExternalPackages, projectDir: string): Plugin {
  const leaveOut = (name: string, resolveDir: string): void => {
    const folder = findPackage(name, resolveDir);
    if (folder !== undefined) folders.set(name, findPackage(name, projectDir) ?? folder);
  };
  return {
    name: 'external-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, namespace, pluginData }) => {
        if (namespace !== 'file' || pluginData === OURS || kind === 'entry-point' || isBuiltin(path)) return undefined;
        const name = packageNameOf(path);
        // The entries of the SDK that its users' packages complete (kysely) are bundled, and import the SDK by its name.
        if (path === SDK) return { path: SDK, external: true };
        if (names.has(name)) {
          leaveOut(name, resolveDir);
          return { path, external: true };
        }
        const {
          path: file,
          errors,
          namespace: found,
        } = await build.resolve(path, {
          importer,
          resolveDir,
          kind,
          pluginData: OURS,
        });
        const folder = errors.length === 0 && found === 'file' ? packageOf(file) : undefined;
        if (folder === undefined || !hasNativeCode(folder)) return undefined;
        names.add(name);
        native.add(name);
        leaveOut(name, resolveDir);
        return { path, external: true };
      });
      build.onResolve({ filter: /\.node$/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === OURS) return undefined;
        const resolved = await build.resolve(path, { importer, resolveDir, kind, pluginData: OURS });
        if (resolved.errors.length > 0) return undefined;
        const folder = packageOf(importer) ?? packageOf(resolved.path);
        if (folder === undefined) return { errors: [ownAddon(relative(projectDir, resolved.path))] };
        const name = folder
          .slice(folder.lastIndexOf(`node_modules${sep}`) + 13)
          .split(sep)
          .join('/');
        names.add(name);
        native.add(name);
        late.add(name);
        folders.set(name, folder);
        return { path, external: true };
      });
    },
  };
}

function ownAddon(file: string): PartialMessage {
  return {
    text: `${file} is compiled code, which cannot be bundled`,
    notes: [
      {
        text:
          'Put it into a package below node_modules, which is copied as it is, ' +
          `or load it with createRequire and list it under package.include ("${dirname(file)}/*.node").`,
      },
    ],
  };
}
