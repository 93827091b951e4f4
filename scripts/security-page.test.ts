import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

it('every line of the threat model names a test that is there', () => {
  const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (\*\*|---|threat )/.test(line));
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows) {
    const cells = row.split(' | ');
    const tests = [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
    expect({ row, tests }).not.toEqual({ row, tests: [] });
    for (const name of tests) expect({ row, name, files: filesOf(name) }).not.toEqual({ row, name, files: [] });
  }
});

/** A path, a pattern, or the name of a file in one of the folders that the page speaks of. */
function filesOf(name: string): string[] {
  const folders = name.includes('/') ? [''] : ['e2e/src/security/', 'e2e/src/contracts/', 'cli/src/render/'];
  return folders.flatMap((folder) => globSync(folder + name, { cwd: ROOT }));
}
