import { type ConfigProblem, ConfigProblems } from '@bottle/config-file';
import type { Manifest } from './manifest.ts';

export interface ProcessEnvironment {
  values: Record<string, string>;
  warnings: string[];
}

/**
 * What the functions of one process say of their environment, together: there is one for all of them. Throws
 * ConfigProblems where two that share a pod wherever they run give a name different values. Where only this process has both,
 * as on a laptop, the name is left out, and the functions have it in `ctx.env`.
 */
export function processEnvironment({ functions, groups, file }: Manifest): ProcessEnvironment {
  const given = new Map<string, { value: string; by: string }>();
  const left = new Set<string>();
  const problems: ConfigProblem[] = [];
  const areTogether = (one: string, other: string): boolean =>
    groups.some(({ functions: names }) => names.includes(one) && names.includes(other));
  for (const { name: by, environment } of functions) {
    for (const [name, value] of Object.entries(environment)) {
      const other = given.get(name);
      if (!other) given.set(name, { value, by });
      else if (other.value === value) continue;
      else if (!areTogether(other.by, by)) left.add(name);
      else {
        const message = `${other.by} and ${by} share a process, and its ${name} cannot have two values: give it one, or put them into different groups (aggregation)`;
        problems.push({ source: file, path: `functions.${by}.environment.${name}`, message });
      }
    }
  }
  if (problems.length > 0) throw new ConfigProblems(problems);
  return {
    values: Object.fromEntries([...given].flatMap(([name, { value }]) => (left.has(name) ? [] : [[name, value]]))),
    warnings: [...left].map(
      (name) =>
        `the process has no ${name}: functions of different groups, all in this process, have different values for it`,
    ),
  };
}
