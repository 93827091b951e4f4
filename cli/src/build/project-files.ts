// The files beside the code: what package.include names, and the .proto files of rpc triggers with their imports.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { BuildProblem } from './build-problem.ts';
import type { CopiedFile } from './copy-packages.ts';
import type { ProjectDescription } from './describe-project.ts';
import { filesMatching } from './files-matching.ts';

/** What `package.include` means and `package.exclude` does not. Throws BuildProblem for a pattern without files. */
export async function includedFiles(
  { file: manifest, packaging }: ProjectDescription,
  projectDir: string,
  outDir: string,
): Promise<CopiedFile[]> {
  const included = packaging.include.filter((pattern) => !pattern.startsWith('!'));
  const excluded = [...packaging.exclude, ...packaging.include.filter((pattern) => pattern.startsWith('!'))];
  const out = relative(projectDir, outDir);
  const matches = async (pattern: string): Promise<string[]> =>
    (await filesMatching(pattern, projectDir)).filter((path) => path !== out && !path.startsWith(`${out}/`));
  const unwanted = new Set<string>();
  for (const pattern of excluded) {
    for (const path of await matches(pattern.replace(/^!/, ''))) unwanted.add(path);
  }
  const wanted = new Set<string>();
  const empty: string[] = [];
  for (const pattern of included) {
    const found = (await matches(pattern)).filter((path) => !unwanted.has(path));
    for (const path of found) if (path !== manifest) wanted.add(path); // the output has its own
    if (found.length === 0) empty.push(pattern);
  }
  if (empty.length > 0) {
    const lines = empty.map((pattern) => `  ${manifest}  package.include: "${pattern}" matches no file`);
    throw new BuildProblem([problemCount(empty.length), ...lines].join('\n'), 78);
  }
  return [...wanted].toSorted().map((path) => ({ path, from: join(projectDir, path) }));
}

const IMPORT = /^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"/gm;

/** The .proto files of `rpc` triggers and what they import, looked up as the runtime does. */
export async function protoFiles(
  { file: manifest, functions }: ProjectDescription,
  projectDir: string,
): Promise<CopiedFile[]> {
  const named = [...new Set(functions.flatMap(({ rpc }) => rpc.map(({ proto }) => resolve(projectDir, proto))))];
  const folders = [projectDir, ...new Set(named.map((file) => dirname(file)))];
  const files = new Set<string>();
  const add = async (file: string): Promise<void> => {
    if (files.has(file)) return;
    files.add(file);
    const text = (await readFile(file, 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '');
    for (const [, path = ''] of text.matchAll(IMPORT)) {
      const imported = folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate));
      if (imported !== undefined) await add(imported); // google/protobuf/… comes with the runtime
    }
  };
  for (const file of named) await add(file);
  const paths = [...files].toSorted().map((from) => ({ path: relative(projectDir, from).split(sep).join('/'), from }));
  const outside = paths.filter(({ path }) => path.startsWith('../'));
  if (outside.length === 0) return paths;
  const lines = outside.map(({ path }) => `  ${manifest}  ${path}: a .proto file outside the project cannot be copied`);
  throw new BuildProblem([problemCount(outside.length), ...lines].join('\n'), 78);
}

/** The files that serverless.yml takes values from, which it does again where the output is served. */
export function variableFiles({ file: manifest, includes }: ProjectDescription, projectDir: string): CopiedFile[] {
  const paths = includes.map((path) => path.split(sep).join('/'));
  const outside = paths.filter((path) => path.startsWith('../'));
  if (outside.length === 0) return paths.map((path) => ({ path, from: join(projectDir, path) }));
  const lines = outside.map((path) => `  ${manifest}  \${file(${path})}: a file outside the project cannot be copied`);
  throw new BuildProblem([problemCount(outside.length), ...lines].join('\n'), 78);
}

function problemCount(count: number): string {
  return `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration`;
}
