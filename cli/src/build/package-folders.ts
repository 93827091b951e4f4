import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** As much of a package.json as a build looks at. */
export interface PackageJson {
  name?: string;
  gypfile?: boolean;
  binary?: unknown;
  napi?: unknown;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** "@scope/name" of "@scope/name/lib/file.js". */
export function packageNameOf(specifier: string): string {
  const [first = '', second] = specifier.split('/');
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first;
}

/** Where Node.js finds a package from a folder: the nearest node_modules that has it. */
export function findPackage(name: string, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const folder = join(directory, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (directory === dirname(directory)) return undefined;
  }
}

/** The folder of the installed package that a file belongs to; undefined for the project's own files. */
export function packageOf(file: string): string | undefined {
  const at = file.lastIndexOf(`${sep}node_modules${sep}`);
  if (at === -1) return undefined;
  const start = at + `${sep}node_modules${sep}`.length;
  return file.slice(0, start) + packageNameOf(file.slice(start).split(sep).join('/')).split('/').join(sep);
}

export function readPackageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

/** Whether a package says that it comes with compiled code, which cannot be bundled. */
export function hasNativeCode(folder: string): boolean {
  const { gypfile, binary, napi } = readPackageJson(folder);
  return gypfile === true || binary !== undefined || napi !== undefined || existsSync(join(folder, 'binding.gyp'));
}
