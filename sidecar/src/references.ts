import { readFileSync } from 'node:fs';
import type { ConfigProblem, ConfigSource } from '@bottle/config-file';

const REFERENCE = /\$\{(?:(file):([^}]+)|([A-Za-z_]\w*)(?::-([^}]*))?)\}/g;

/**
 * The data with every reference in its texts replaced: `${NAME}` by the environment's value, `${NAME:-text}` by that or
 * the text, `${file:/path}` by the file's content without its last line break. Secrets belong there, not in the file.
 * What cannot be replaced is listed, and left as it is. `replaced` are the paths of those texts, with dots.
 */
export function resolveReferences(
  source: ConfigSource,
  env: Readonly<Record<string, string | undefined>>,
): { data: unknown; problems: ConfigProblem[]; replaced: ReadonlySet<string> } {
  const problems: ConfigProblem[] = [];
  const replaced = new Set<string>();

  function resolve(value: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return value.includes('${') ? resolveText(value, path) : value;
    if (Array.isArray(value)) return value.map((item, at) => resolve(item, [...path, at]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, [...path, key])]));
  }

  function resolveText(text: string, path: readonly PropertyKey[]): string {
    const refuse = (whole: string, message: string): string => {
      problems.push({ ...source.locate(path), path: path.map(String).join('.'), message });
      return whole;
    };
    replaced.add(path.map(String).join('.'));
    return text.replace(REFERENCE, (whole: string, kind?: string, file?: string, name?: string, fallback?: string) => {
      if (kind === 'file') {
        try {
          return readFileSync(file ?? '', 'utf8').replace(/\r?\n$/, '');
        } catch (error) {
          return refuse(whole, `${whole} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`);
        }
      }
      const value = env[name ?? ''] ?? fallback;
      return value ?? refuse(whole, `the environment variable ${name} is not set`);
    });
  }

  return { data: resolve(source.data, []), problems, replaced };
}
