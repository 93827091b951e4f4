// A directory of manifests is wholly ours:
//  1. It is refused when anything else is in it: nothing of a person is replaced, and nothing stale is applied with it.
//  2. Each file is swapped whole. What an earlier run made, and this one does not, is removed.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../command.ts';
import { type Manifest, toYaml } from './manifest.ts';

/** The first line of every file that is written here; only such files are ever removed. */
const MARK = '# Made by bottle render.';
/** Of a run that was killed. */
const PARTIAL = /^\.[\w.-]+\.yaml\.partial-[0-9a-f]{8}$/;

/** The files of a directory, by name: one for each object, and the kustomization.yaml that lists them. */
export function manifestFiles(manifests: readonly Manifest[]): Record<string, string> {
  const files = manifests.map((manifest): [string, string] => {
    const { kind, metadata } = manifest.object;
    return [`${metadata.name}.${kind.toLowerCase()}.yaml`, `${MARK}\n#\n${toYaml(manifest)}`];
  });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(([name]) => name),
  };
  return { ...Object.fromEntries(files), 'kustomization.yaml': `${MARK}\n${stringify(kustomization)}` };
}

/** Returns the names of what is written. Throws UsageError for a directory that is not, or not only, made by this. */
export async function writeManifests(directory: string, manifests: readonly Manifest[]): Promise<string[]> {
  const files = manifestFiles(manifests);
  await mkdir(directory, { recursive: true });
  const before = await ownFilesIn(directory);
  for (const [name, text] of Object.entries(files)) {
    const partial = join(directory, `.${name}.partial-${randomBytes(4).toString('hex')}`);
    try {
      await writeFile(partial, text);
      await rename(partial, join(directory, name));
    } finally {
      await rm(partial, { force: true });
    }
  }
  for (const name of before) if (!(name in files)) await rm(join(directory, name));
  return Object.keys(files);
}

async function ownFilesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  const foreign: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const isOwn =
      entry.isFile() &&
      (PARTIAL.test(entry.name) ||
        (entry.name.endsWith('.yaml') && (await readFile(join(directory, entry.name), 'utf8')).startsWith(MARK)));
    (isOwn ? names : foreign).push(entry.name);
  }
  if (foreign.length === 0) return names;
  const [first] = foreign;
  const others = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
  throw new UsageError(
    `${directory} has something else in it than manifests of bottle render (${first}${others}): name a directory of its own with --out`,
  );
}
