// Every block of code of the pages is what it says it is. What a block may say about itself is in read-blocks.ts.
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { type Block, blocksOfPages } from '../e2e/src/docs/read-blocks.ts';
import { fileOf, problemsOf } from './docs-code/check-files.ts';
import { compileBlocks } from './docs-code/compile-blocks.ts';

const ROOT = join(import.meta.dirname, '..');
const blocks = blocksOfPages(ROOT);
const of = (...languages: string[]): Block[] =>
  blocks.filter(({ language, outside }) => languages.includes(language) && outside === undefined);
const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

/** What is checked of each language; commands are run, by e2e/src/docs/commands.test.ts. */
const LANGUAGES = new Set(['ts', 'yaml', 'json', 'jsonc', 'proto', 'sh', 'console', 'text']);

describe('a block of code', () => {
  it('says its language, which is one that is looked at', () => {
    expect(blocks.filter(({ language }) => !LANGUAGES.has(language)).map(placeOf)).toEqual([]);
  });
  it('of TypeScript compiles, strictly, against the packages as they are', { timeout: 60_000 }, () => {
    const typescript = of('ts');
    process.stdout.write(
      `${typescript.length} TypeScript blocks of ${new Set(typescript.map(({ page }) => page)).size} pages compiled\n`,
    );
    expect(typescript.length).toBeGreaterThan(30);
    expect(compileBlocks(typescript, ROOT)).toEqual([]);
  });
  it('that does not compile would be found', { timeout: 60_000 }, () => {
    const block = { page: 'p.md', line: 5, language: 'ts', context: '', files: new Map(), outside: undefined };
    const wrong = [
      { ...block, text: "import { bottle } from 'bottle-sdk';\nawait bottle.cache('a').gett('b');" },
      { ...block, line: 50, context: 'declare const a: string;\n', text: '\nconst b: number = a;' },
      { ...block, line: 70, context: 'declare const a: string;\n', text: 'const a = 1;\nconst b: number = a;' },
    ];
    expect(compileBlocks(wrong, ROOT)).toEqual([
      expect.stringMatching(/^p\.md:6 Property 'gett' does not exist/),
      expect.stringMatching(/^p\.md:51 Type 'string' is not assignable to type 'number'/),
    ]);
  });
  it('of YAML is a file of ours that its program takes, or says whose it is', async () => {
    const protos = new Map(of('proto').map(({ text }) => [/^\/\/ (\S+)/.exec(text)?.[1] ?? '', text]));
    const yaml = of('yaml');
    expect(yaml.length).toBeGreaterThan(20);
    expect(yaml.filter((block) => fileOf(block) === undefined).map(placeOf)).toEqual([]);
    const problems = await Promise.all(yaml.map(async (block) => [placeOf(block), await problemsOf(block, protos)]));
    process.stdout.write(`${yaml.length} YAML blocks read by the programs that they are for\n`);
    expect(problems.filter(([, problem]) => problem !== '')).toEqual([]);
  });
  it('of YAML that its program refuses would be found', async () => {
    const block = { page: 'p', line: 1, language: 'yaml', context: '', files: new Map(), outside: undefined };
    const found = await Promise.all(
      ['functions: { f: { timout: 1 } }', '# sidecar.yml\nhttp: { prt: 1 }'].map((text) =>
        problemsOf({ ...block, text }, new Map()),
      ),
    );
    expect(found).toEqual([expect.stringMatching(/timout: unknown key/), expect.stringMatching(/prt: unknown key/)]);
  });
  it('of JSON is JSON', () => {
    const json = [...of('json'), ...of('jsonc')];
    for (const { text } of json) expect(parse(text.replaceAll(/ \/\/ .*$/gm, ''))).toBeTypeOf('object');
    process.stdout.write(`${json.length} JSON blocks parsed\n`);
    expect(json.length).toBeGreaterThan(3);
  });
});
