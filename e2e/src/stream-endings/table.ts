import { deaths } from './deaths.ts';
import { events } from './events.ts';
import { methods } from './methods.ts';
import { requests } from './requests.ts';
import { resources } from './resources.ts';
import { heads, responses } from './responses.ts';
import type { Row, Verdict } from './row.ts';

/** Every ending of every stream. */
export const ROWS: readonly Row[] = [
  ...responses,
  ...heads,
  ...requests,
  ...methods,
  ...events,
  ...resources,
  ...deaths,
];

const HEADER = ['#', 'stream', 'by', 'ending', 'seen', 'ms', 'error line', 'counted as', ''];
/** Longer texts are cut. */
const MAX_WIDTH = 72;

/** The rows as a table for people; below a row that failed, what does not hold. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ row, seen, tookMs, faults }, index) => [
    String(index + 1),
    row.part,
    row.way,
    row.ending,
    seen,
    String(Math.round(tookMs)),
    row.log,
    labelOf(row.metric),
    faults.length === 0 ? 'pass' : 'FAILED',
  ]);
  const table = [HEADER, ...lines].map((line) => line.map((cell) => cell.slice(0, MAX_WIDTH)));
  const widths = HEADER.map((_title, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const shown = table.map((line) =>
    line
      .map((cell, column) =>
        (HEADER[column] === '#' || HEADER[column] === 'ms' ? cell.padStart : cell.padEnd).call(
          cell,
          widths[column] ?? 0,
        ),
      )
      .join('  ')
      .trimEnd(),
  );
  const below = verdicts.map(({ faults }) => faults.map((fault) => `\n      ${fault}`).join(''));
  return shown.map((line, index) => line + (below[index - 1] ?? '')).join('\n');
}

/** `status="500"` of a series, `code="INTERNAL"`. */
function labelOf(metric: string): string {
  return /(?:status|code)="(\w+)"/.exec(metric)?.[1] ?? '–';
}
