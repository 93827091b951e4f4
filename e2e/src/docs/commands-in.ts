import type { Block } from './read-blocks.ts';

/**
 * The commands of a block, one by one: lines, or several that a backslash or an open quote joins, without what is said of
 * them. Of a console, those behind a "$".
 */
export function commandsIn({ language, text }: Pick<Block, 'language' | 'text'>): string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    if (language === 'console' && open === '' && !line.startsWith('$ ')) continue;
    const code = language === 'console' && open === '' ? line.slice(2) : line;
    open += open === '' ? code : `\n${code}`;
    if (open.endsWith('\\') || (open.match(/'/g) ?? []).length % 2 === 1) continue;
    const command = open.replace(/(^|\s+)#\s.*$/, '').trim();
    if (command !== '') commands.push(command);
    open = '';
  }
  if (open !== '') throw new Error(`a command does not end: ${open}`);
  return commands;
}
