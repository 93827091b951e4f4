import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A block of code of a page: fenced with its language, or indented by four spaces, which are commands.
 *
 * What a reader does not see may go before it, as comments that nobody renders:
 *   <!-- context … -->  what the block stands on: TypeScript for all blocks of the page that follow; YAML, shell commands
 *                       and so on for the next block alone
 *   <!-- file PATH … -->  a file that is there as well, seen from the block
 *   <!-- outside WHY -->  the next block is another program's: nothing of it is checked
 */
export interface Block {
  page: string;
  /** The line of its first line of code, from 1. */
  line: number;
  /** '' for a fence that does not say. */
  language: string;
  text: string;
  /** Of the comments before it. */
  context: string;
  files: ReadonlyMap<string, string>;
  outside: string | undefined;
}

/** Pages for people who use or build Bottle, from the root of the repository. Not the history, nor what is built. */
export function docPages(root: string): string[] {
  const patterns = [
    '*.md',
    'docs/**/*.md',
    '{bottle-sdk,cli,create-bottle,gateway-client,deploy}/**/*.md',
    'examples/*/*.md',
  ];
  const exclude = (path: string): boolean => /node_modules|CHANGELOG|\/dist\//.test(path);
  return globSync(patterns, { cwd: root })
    .filter((path) => !exclude(path))
    .toSorted();
}

export function blocksOfPages(root: string): Block[] {
  return docPages(root).flatMap((page) => readBlocks(page, readFileSync(join(root, page), 'utf8')));
}

/** Throws for a fence or a comment that does not end. */
export function readBlocks(page: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  let [pageContext, context, outside]: [string, string, string | undefined] = ['', '', undefined];
  const files = new Map<string, string>();
  const add = (line: number, language: string, code: readonly string[]): void => {
    const isTypeScript = language === 'ts';
    if (isTypeScript) pageContext += context;
    const given = { context: isTypeScript ? pageContext : context, files: new Map(files), outside };
    blocks.push({ page, line, language, text: code.join('\n'), ...given });
    [context, outside] = ['', undefined];
  };
  const endOf = (from: number, isEnd: (line: string) => boolean): number => {
    const end = lines.findIndex((line, at) => at >= from && isEnd(line));
    if (end === -1) throw new Error(`${page}:${from} does not end`);
    return end;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, fence, language = ''] = /^ *(```+|~~~+) *([\w-]*)/.exec(line) ?? [];
    const [, kind, rest = ''] = /^<!-- (context|file|outside)\b ?(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      const end = endOf(at + 1, (other) => other.trim() === fence);
      add(at + 2, language, lines.slice(at + 1, end));
      at = end;
    } else if (kind !== undefined) {
      const end = endOf(at, (other) => other.endsWith('-->'));
      const inside = [rest, ...lines.slice(at + 1, end + 1)].join('\n').replace(/ ?-->$/, '');
      if (kind === 'context') context += `${inside.trim()}\n`;
      else if (kind === 'outside') outside = inside;
      else files.set(inside.split('\n')[0] ?? '', inside.slice(inside.indexOf('\n') + 1));
      at = end;
    } else if (/^ {4}\S/.test(line) && (lines[at - 1] ?? '') === '') {
      let end = at;
      while (/^ {4}/.test(lines[end] ?? '') || ((lines[end] ?? 'x') === '' && /^ {4}/.test(lines[end + 1] ?? '')))
        end++;
      add(
        at + 1,
        'sh',
        lines.slice(at, end).map((code) => code.slice(4)),
      );
      at = end - 1;
    }
  }
  return blocks;
}
