import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** As much of a package.json of this repository as a release looks at. */
export interface Manifest {
  name: string;
  version: string;
  description?: string;
  keywords?: string[];
  license?: string;
  repository?: { type: string; url: string };
  exports?: Record<string, string | { source: string; default: string }>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
  nodeFlags?: string[];
}

/** A release that cannot be made; the message says what to mend. */
export class ReleaseProblem extends Error {
  override readonly name = 'ReleaseProblem';
}

export async function readManifest(...path: string[]): Promise<Manifest> {
  return JSON.parse(await readFile(join(...path, 'package.json'), 'utf8')) as Manifest;
}

export interface StagedManifest {
  root: string;
  /** Where the package is put together. */
  target: string;
  /** The workspace that its README is in. */
  workspace: string;
  /** What every package says in the same way is added. */
  fields: Readonly<Record<string, unknown>> & { name: string; description: string | undefined; keywords: string[] };
}

/** Writes a package's package.json, and the files that every package has. */
export async function stageManifest({ root, target, workspace, fields }: StagedManifest): Promise<void> {
  const { version, license, repository } = await readManifest(root);
  const { name, description, keywords, ...rest } = fields;
  const manifest = {
    name,
    version,
    description,
    keywords,
    license,
    repository: { ...repository, directory: workspace },
    type: 'module',
    sideEffects: false,
    ...rest,
  };
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'));
  await cp(join(root, workspace, 'README.md'), join(target, 'README.md'));
  await writeFile(
    join(target, 'CHANGELOG.md'),
    changelogOf(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), version),
  );
}

/** The changelog with an entry for this version: what is unreleased in the repository is what this release has. */
export function changelogOf(text: string, version: string): string {
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
  if (headings.some((title) => title.split(' ')[0] === version)) return text;
  if (!/^## Unreleased\n+(?!## )\S/m.test(text))
    throw new ReleaseProblem(`CHANGELOG.md has no entry for ${version}, and nothing under "## Unreleased"`);
  return text.replace(/^## Unreleased$/m, `## ${version}`);
}
