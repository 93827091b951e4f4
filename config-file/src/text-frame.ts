const LINES_AROUND = 2;
/** A list's dashes and a key. Comments may be lines that somebody wants to keep, password and all. */
const KEY = /^\s*(?:- +)*[\w"'$.-]+\s*:(?=\s|$)/;

export interface FramePlace {
  /** From 1 on, both. */
  line: number;
  column: number;
  /** Whether values are shown. Otherwise keys alone are: a value may be a secret. */
  showsValues: boolean;
}

/** The lines of a YAML text around a place, numbered, with a mark below the column. */
export function textFrame(text: string, { line, column, showsValues }: FramePlace): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const source = lines[number - 1] ?? '';
    const shown = showsValues ? source : withoutValue(source);
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${shown}`.trimEnd());
    if (number !== line || column > shown.length + 1) continue;
    frame.push(`  ${' '.repeat(width)} | ${shown.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`);
  }
  return frame.join('\n');
}

function withoutValue(line: string): string {
  const [shown = ''] = KEY.exec(line) ?? [/^\s*/.exec(line)?.[0]];
  return shown.length === line.trimEnd().length ? shown : `${shown}${shown.trim() === '' ? '' : ' '}…`;
}
