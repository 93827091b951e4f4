import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PackageVersions } from './templates/project-files.ts';
import { ownVersion } from './version.ts';

/** What the packages are made from, below the root of the checkout. */
const SOURCES = [
  'package.json',
  'CHANGELOG.md',
  'scripts/release',
  'protos',
  'config-file',
  'capabilities',
  'bottle-sdk',
  'gateway-client',
  'function-runtime',
  'sidecar',
  'cli',
] as const;
const DERIVED = /(^|\/)(node_modules|dist|\.bottle)(\/|$)/;

/**
 * Packs the packages of this checkout, unless nothing changed since it was last done, and returns what a project in
 * `directory` depends on: their paths. Links to the checkout would not do: a package manager then looks for the packages
 * that the workspaces need of each other, and nobody publishes those.
 */
export function packCheckout(directory: string): PackageVersions {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const out = join(root, '.bottle/packages');
  const [cli, sdk] = ['bottle-cli', 'bottle-sdk'].map((name) => join(out, `${name}-${ownVersion()}.tgz`)) as [
    string,
    string,
  ];
  if (!existsSync(cli) || !existsSync(sdk) || newestOf(root) > statSync(cli).mtimeMs) {
    process.stderr.write('Packing this checkout for the project …\n');
    const args = ['--conditions=source', join(root, 'scripts/release/main.ts'), '--out', out, '--no-check'];
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error('the packages of this checkout cannot be made; the lines above say why');
  }
  return { cli: `file:${relative(directory, cli)}`, sdk: `file:${relative(directory, sdk)}` };
}

function newestOf(root: string): number {
  const files = SOURCES.flatMap((source) => {
    const path = join(root, source);
    if (statSync(path).isFile()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => !DERIVED.test(name)).map((name) => join(path, name));
  });
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
