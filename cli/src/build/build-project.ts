import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Message } from 'esbuild';
import { bundle } from './bundle.ts';
import { BuildProblem } from './build-problem.ts';
import { packageFiles } from './copy-packages.ts';
import type { ProjectDescription } from './describe-project.ts';
import { entriesOf } from './entries.ts';
import { assertExports } from './exports-check.ts';
import { replaceOutput } from './output-directory.ts';
import { outputManifest } from './output-manifest.ts';
import { findPackage } from './package-folders.ts';
import { includedFiles, protoFiles, variableFiles } from './project-files.ts';
import { type SizeReport, sizeReport } from './size-report.ts';
import { tsconfigWarnings } from './tsconfig-warnings.ts';

export interface BuildProjectOptions {
  project: ProjectDescription;
  projectDir: string;
  outDir: string;
  minify: boolean;
  budgetBytes: number;
  signal: AbortSignal;
}

export interface Built {
  report: SizeReport;
  isOverBudget: boolean;
  warnings: string[];
  /** What the bundler warns of, with places in the code. */
  bundlerWarnings: Message[];
}

/**
 * Bundles a project into `outDir`, unless it is over its budget: then nothing is written. Rejects with BuildProblem, with
 * esbuild's BuildFailure for code that does not compile, or with the signal's reason.
 */
export async function buildProject(options: BuildProjectOptions): Promise<Built> {
  const { project, projectDir, outDir, minify, budgetBytes, signal } = options;
  const entries = entriesOf(project, projectDir);
  const beside = [
    ...(await includedFiles(project, projectDir, outDir)),
    ...(await protoFiles(project, projectDir)),
    ...variableFiles(project, projectDir),
  ];
  const named = namedPackages(project, projectDir);
  const bundles = await bundle({ projectDir, entries, external: [...named.keys()], minify, signal });
  assertExports(project, entries, bundles.outputs, bundles.files);

  const packages = await packageFiles(new Map([...named, ...bundles.packages]));
  const copied = [...new Map([...packages, ...beside].map((file) => [file.path, file])).values()];
  const manifest = outputManifest(await readFile(join(projectDir, project.file), 'utf8'), project, entries);
  const written = new Map([['serverless.yml', manifest], ...[...bundles.files].sort(([a], [b]) => (a < b ? -1 : 1))]);
  const report = await sizeReport({ project, entries, ...bundles, copied });
  const isOverBudget = report.totalBytes > budgetBytes;
  if (!isOverBudget) await replaceOutput({ outDir, written, folders: bundles.folders, copied, signal });
  const warnings = [
    ...project.warnings,
    ...tsconfigWarnings(projectDir),
    ...[...bundles.native].toSorted().map(native),
  ];
  return { report, isOverBudget, warnings, bundlerWarnings: bundles.warnings };
}

function native(name: string): string {
  return (
    `${name} has compiled code, so it was not bundled but copied to node_modules; ` +
    `it runs on ${process.platform}-${process.arch} only, where it was installed`
  );
}

/** Those of `custom.build.external`, by name. Throws BuildProblem for one that is not installed. */
function namedPackages({ file, packaging }: ProjectDescription, projectDir: string): Map<string, string> {
  const folders = new Map<string, string>();
  for (const name of packaging.external) {
    if (name === 'bottle-sdk') continue; // the runtime's own, whatever is said
    const folder = findPackage(name, projectDir);
    if (folder === undefined) throw new BuildProblem(`${file}: custom.build.external: ${name} is not installed`, 78);
    folders.set(name, folder);
  }
  return folders;
}
