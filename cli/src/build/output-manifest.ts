import { parse, stringify } from 'yaml';
import type { ProjectDescription } from './describe-project.ts';
import type { Entry } from './entries.ts';

/** The first line of every output's serverless.yml, by which an output is known. */
export const OUTPUT_MARK = '# Made by `bottle build`; what is changed here is lost with the next build.\n';

/** A project's serverless.yml with its code replaced by the bundles; all else stays, comments do not. */
export function outputManifest(text: string, project: ProjectDescription, entries: readonly Entry[]): string {
  const outputOf = (code: string | undefined): string | undefined => entries.find(({ file }) => file === code)?.output;
  const manifest = parse(text, { maxAliasCount: 100 }) as {
    functions?: Record<string, { handler: string }>;
    layers?: Record<string, { path: string }>;
  };
  const functions = Object.entries(manifest.functions ?? {}).map(([name, spec]) => {
    const output = outputOf(project.functions.find((known) => known.name === name)?.code);
    const exportName = spec.handler.slice(spec.handler.lastIndexOf('.') + 1);
    return [name, output === undefined ? spec : { ...spec, handler: `${output}.${exportName}` }];
  });
  const layers = Object.entries(manifest.layers ?? {}).map(([name, spec]) => {
    const output = outputOf(project.layers.find(({ path }) => path === spec.path)?.code);
    return [name, output === undefined ? spec : { ...spec, path: `./${output}.mjs` }];
  });
  const rewritten = {
    ...manifest,
    functions: Object.fromEntries(functions) as object,
    ...(manifest.layers === undefined ? {} : { layers: Object.fromEntries(layers) as object }),
  };
  return OUTPUT_MARK + stringify(rewritten, { aliasDuplicateObjects: false });
}
