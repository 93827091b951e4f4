import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const PAGES = globSync(['*.md', 'docs/**/*.md', '{bottle-sdk,cli,create-bottle}/*.md', 'examples/*/*.md'], {
  cwd: ROOT,
});

/** Where the relative links of a page lead, without anchors. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''));
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

it('every link between pages leads to a file', () => {
  const links = PAGES.flatMap((page) => linksOf(page).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ page, target }) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});

it('the way into the pages names each of them', () => {
  const pages = globSync('docs/*.md', { cwd: ROOT }).filter((page) => page !== 'docs/README.md');
  const named = new Set(linksOf('docs/README.md').map((target) => join('docs', target)));
  expect(pages.filter((page) => !named.has(page))).toEqual([]);
});
