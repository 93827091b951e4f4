import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Manifest, toYaml } from './manifest.ts';

/** The first line of every file that is written here; only such files are ever removed. */
const MARK = '# Made by bottle render.';

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

/** Writes them, and removes those of an earlier run that are no longer made. Returns the names. */
export async function writeManifests(directory: string, manifests: readonly Manifest[]): Promise<string[]> {
  const files = manifestFiles(manifests);
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.yaml') || name in files) continue;
    const path = join(directory, name);
    if ((await readFile(path, 'utf8')).startsWith(MARK)) await rm(path);
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return Object.keys(files);
}
