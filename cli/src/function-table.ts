import { alignedTable } from './aligned-table.ts';
import { type CheckedTriggers, triggerLines } from './trigger-lines.ts';

/** A function as /functions and `--check` describe it. */
export interface CheckedFunction extends CheckedTriggers {
  name: string;
  handler: string;
  state: string;
  reason?: string;
  timeoutMs: number;
  concurrency: number;
  idempotent: boolean;
  /** By `--check` alone, as `place`: where its handler is named, "serverless.yml:7". */
  uses?: string[];
  place?: string;
}

/** An aligned table, one line per trigger. */
export function functionTable(functions: readonly CheckedFunction[]): string {
  const rows = functions.flatMap((info) => {
    const { name, handler, timeoutMs, concurrency, state } = info;
    const [first = '(none)', ...others] = triggerLines(info);
    return [
      [name, first, handler, `${timeoutMs / 1000} s`, String(concurrency), state],
      ...others.map((line) => ['', line, '', '', '', '']),
    ];
  });
  return alignedTable([['FUNCTION', 'TRIGGER', 'HANDLER', 'TIMEOUT', 'CONCURRENCY', 'STATE'], ...rows]);
}
