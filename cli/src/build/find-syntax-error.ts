import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Place } from '../load-errors/code-frame.ts';

const LOADERS: Readonly<Record<string, 'js' | 'ts' | 'json'>> = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.json': 'json',
};

/** The first place among files that is no JavaScript, TypeScript or JSON: for JavaScript, Node.js does not say where. */
export async function findSyntaxError(files: readonly string[]): Promise<Place | undefined> {
  const { transform } = await import('esbuild');
  for (const file of files) {
    const loader = LOADERS[extname(file)];
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (loader === undefined || text === undefined) continue;
    const place = await transform(text, { loader, logLevel: 'silent' }).then(
      () => undefined,
      (failure: { errors?: { location: { line: number; column: number } | null }[] }) => failure.errors?.[0]?.location,
    );
    if (place) return { file, line: place.line, column: place.column + 1 };
  }
  return undefined;
}
