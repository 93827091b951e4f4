import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a project's tsconfig.json asks for and a bundle does not have. */
export function tsconfigWarnings(projectDir: string): string[] {
  const file = nearestTsconfig(projectDir);
  if (file === undefined || settingOf(file, 'emitDecoratorMetadata', new Set()) !== true) return [];
  return [
    'tsconfig.json: emitDecoratorMetadata has no effect: the bundler knows no types, so Reflect.getMetadata("design:type", …) ' +
      'is undefined; name what is to be injected in the decorator: @Inject(Store)',
  ];
}

function nearestTsconfig(directory: string): string | undefined {
  const file = join(directory, 'tsconfig.json');
  if (existsSync(file)) return file;
  return directory === dirname(directory) ? undefined : nearestTsconfig(dirname(directory));
}

/** A compiler option, from the file or those it extends; the text is read as far as it must be, comments and all. */
function settingOf(file: string, option: string, seen: Set<string>): boolean | undefined {
  if (seen.has(file) || !existsSync(file)) return undefined;
  seen.add(file);
  const text = withoutComments(readFileSync(file, 'utf8'));
  const own = new RegExp(`"${option}"\\s*:\\s*(true|false)`).exec(text)?.[1];
  if (own !== undefined) return own === 'true';
  const [, list = ''] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(text) ?? [];
  const bases = [...list.matchAll(/"([^"]+)"/g)].flatMap(([, name = '']) => extended(file, name) ?? []);
  return bases
    .toReversed()
    .map((base) => settingOf(base, option, seen))
    .find((setting) => setting !== undefined);
}

function extended(file: string, name: string): string | undefined {
  if (name.startsWith('.') || name.startsWith('/')) {
    const base = join(name.startsWith('/') ? '' : dirname(file), name);
    return existsSync(base) && base.endsWith('.json') ? base : `${base}.json`;
  }
  const require = createRequire(file);
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return require.resolve(candidate);
    } catch {
      // the next way to write it
    }
  }
  return undefined;
}

/** JSON with comments as JSON: strings are kept whatever is in them. */
function withoutComments(text: string): string {
  return text.replaceAll(
    /("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g,
    (_match, string: string | undefined) => string ?? '',
  );
}
