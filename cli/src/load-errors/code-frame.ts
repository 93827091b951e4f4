/** A place in a file: lines and columns from 1 on; column 0 when only the line is known. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

const LINES_AROUND = 2;

/** The lines around a place, numbered, with a mark below the column. */
export function codeFrame(text: string, { line, column }: Place): string {
  const lines = text.split('\n');
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const source = lines[number - 1] ?? '';
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${source}`.trimEnd());
    if (number !== line || column === 0) continue;
    const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
    frame.push(`  ${' '.repeat(width)} | ${indent}^`);
  }
  return frame.join('\n');
}
