import type { Metafile } from 'esbuild';
import { nearest } from '../nearest.ts';
import { BuildProblem } from './build-problem.ts';
import type { ProjectDescription } from './describe-project.ts';
import type { Entry } from './entries.ts';

/** Throws BuildProblem for handlers and layers whose export is not there, as far as that can be seen without running it. */
export function assertExports(
  { functions, layers }: ProjectDescription,
  entries: readonly Entry[],
  outputs: Metafile['outputs'],
  files: ReadonlyMap<string, string>,
): void {
  const exportsOf = (code: string | undefined): string[] | undefined => {
    const path = `${entries.find(({ file }) => file === code)?.output}.mjs`;
    const names = outputs[path]?.exports ?? [];
    // CommonJS is one default export; what `export * from` an external package gives is not known.
    const isOpen =
      /^export default require_|^export ?\* ?from/m.test(files.get(path) ?? '') || names.join() === 'default';
    return isOpen ? undefined : names;
  };
  const problems: string[] = [];
  for (const { name, handler, code } of functions) {
    const exported = exportsOf(code);
    const wanted = handler.slice(handler.lastIndexOf('.') + 1);
    if (exported === undefined || exported.includes(wanted)) continue;
    const meant = nearest(wanted, exported);
    const hint = meant ? `; did you mean "${meant}"?` : '';
    const base = handler.slice(0, handler.lastIndexOf('.'));
    problems.push(`${name} does not load: handler "${handler}": ${base} has no exported function "${wanted}"${hint}`);
  }
  for (const { name, path, code } of layers) {
    const exported = exportsOf(code);
    if (exported === undefined || exported.includes('default') || exported.includes('layer')) continue;
    problems.push(`layer "${name}" does not load: ${path} exports no function`);
  }
  if (problems.length > 0) throw new BuildProblem(problems.map((problem) => `error: ${problem}`).join('\n'), 70);
}
