import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findPackage, readPackageJson } from './package-folders.ts';

/** A file of the output that is a copy of another. */
export interface CopiedFile {
  /** In the output, with "/". */
  path: string;
  from: string;
}

/**
 * The files of packages and of all they depend on, laid out so that Node.js finds each: at the top of node_modules, or,
 * where another version is there already, below the package that needs it.
 */
export async function packageFiles(folders: ReadonlyMap<string, string>): Promise<CopiedFile[]> {
  const placed = new Map<string, string>(); // path in the output → folder
  /** `seenFrom`: the folders in which Node.js looks, outermost first. All of one package's before those of the next. */
  const place = (wanted: ReadonlyMap<string, string>, seenFrom: readonly string[]): void => {
    const added: { path: string; folder: string }[] = [];
    for (const [name, folder] of wanted) {
      const pathIn = (parent: string): string => `${parent}node_modules/${name}`;
      const visible = seenFrom.toReversed().find((parent) => placed.has(pathIn(parent)));
      if (visible !== undefined && placed.get(pathIn(visible)) === folder) continue;
      const path = pathIn((visible === undefined ? seenFrom[0] : seenFrom.at(-1)) ?? '');
      placed.set(path, folder);
      added.push({ path, folder });
    }
    for (const { path, folder } of added) {
      const outer = seenFrom.filter((parent) => path.startsWith(parent));
      place(dependenciesOf(folder), [...outer, `${path}/`]);
    }
  };
  place(new Map([...folders].toSorted(([a], [b]) => (a < b ? -1 : 1))), ['']);
  const files = await Promise.all([...placed].map(([path, folder]) => filesBelow(folder, path)));
  return files.flat();
}

/** The installed ones: optional and peer dependencies are there or not. The SDK is the runtime's. */
function dependenciesOf(folder: string): Map<string, string> {
  const { dependencies, optionalDependencies, peerDependencies } = readPackageJson(folder);
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return new Map(
    names
      .filter((name) => name !== 'bottle-sdk')
      .toSorted()
      .flatMap((name) => {
        const found = findPackage(name, folder);
        return found === undefined ? [] : [[name, found] as const];
      }),
  );
}

/** Without its own node_modules: what it needs is looked up. */
async function filesBelow(folder: string, path: string): Promise<CopiedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const from = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' ? [] : await filesBelow(from, `${path}/${entry.name}`);
    return entry.isFile() ? [{ path: `${path}/${entry.name}`, from }] : [];
  });
  return (await Promise.all(nested)).flat();
}
