import { relative, sep } from 'node:path';
import { BuildProblem } from './build-problem.ts';
import type { ProjectDescription } from './describe-project.ts';

/** Below the output: where all bundles are, side by side. */
export const BUNDLE_DIR = 'bundle';

/** A file of the project that the runtime loads by name. */
export interface Entry {
  file: string;
  /** Its bundle, without ending: "bundle/src-functions-items". */
  output: string;
}

/** One for each file of functions and layers, however many functions are in it. Throws BuildProblem for missing code. */
export function entriesOf({ functions, layers }: ProjectDescription, projectDir: string): Entry[] {
  const missing = [
    ...functions.map(({ name, problem }) => ({ name, problem })),
    ...layers.map(({ name, problem }) => ({ name: `layer ${name}`, problem })),
  ].filter(({ problem }) => problem !== undefined);
  if (missing.length > 0) {
    throw new BuildProblem(
      missing.map(({ name, problem }) => `error: ${name} does not load: ${problem}`).join('\n'),
      70,
    );
  }
  const files = [...functions, ...layers].flatMap(({ code }) => code ?? []);
  const taken = new Set<string>();
  return [...new Set(files)].toSorted().map((file) => ({ file, output: outputOf(file, projectDir, taken) }));
}

function outputOf(file: string, projectDir: string, taken: Set<string>): string {
  const inside = relative(projectDir, file).split(sep).join('/');
  const fromPackage = /(?:^|\/)node_modules\/(?!.*\/node_modules\/)(.*)$/.exec(inside)?.[1];
  const base = (fromPackage ?? inside)
    .replace(/\.\w+$/, '')
    .replace(/^((\.\.\/)+|@)/, '')
    .replaceAll(/[^\w.-]+/g, '-');
  let name = base;
  for (let suffix = 2; taken.has(name.toLowerCase()); suffix++) name = `${base}-${suffix}`;
  taken.add(name.toLowerCase());
  return `${BUNDLE_DIR}/${name}`;
}
