import { styleText } from 'node:util';
import { alignedTable } from '../aligned-table.ts';
import { describeBytes } from './byte-size.ts';
import type { CodeSize, Part, SizeReport } from './size-report.ts';

const PACKAGES_SHOWN = 3;
const BIGGEST_SHOWN = 10;

export interface PrintedReport {
  service: string;
  /** As a person would name it. */
  outDir: string;
  report: SizeReport;
  budgetBytes: number;
  warnings: readonly string[];
  isColored: boolean;
}

/** The report as aligned text: a line for each function, the total, and, over budget, what weighs most. */
export function printedReport({ service, outDir, report, budgetBytes, warnings, isColored }: PrintedReport): string {
  const paint = (style: 'bold' | 'green' | 'red' | 'yellow' | 'dim', text: string): string =>
    isColored ? styleText(style, text, { validateStream: false }) : text;
  const { functions, layers, code, copied, totalBytes, biggest } = report;
  const isOver = totalBytes > budgetBytes;
  const row = ({ name, bytes, gzipBytes, packages }: CodeSize): string[] => [
    name,
    describeBytes(bytes),
    describeBytes(gzipBytes),
    packages.slice(0, PACKAGES_SHOWN).map(describePart).join(', '),
  ];
  const table = alignedTable([
    ['FUNCTION', 'SIZE', 'GZIP', 'BIGGEST IN IT'],
    ...functions.map(row),
    ...layers.map((layer) => row({ ...layer, name: `layer ${layer.name}` })),
  ]);
  const [head = '', ...rows] = table.trimEnd().split('\n');
  const share = `${((totalBytes / budgetBytes) * 100).toFixed(totalBytes * 10 < budgetBytes ? 1 : 0)} %`;
  const total = `total   ${describeBytes(totalBytes)}, ${share} of the budget of ${describeBytes(budgetBytes)}`;
  const lines = [
    `${service}: ${count(functions.length, 'function')} in ${count(code.files, 'bundle')}`,
    '',
    paint('bold', head),
    ...rows,
    '',
    `code    ${describeBytes(code.bytes)}, ${describeBytes(code.gzipBytes)} with gzip; what functions share is there once`,
    `copied  ${describeBytes(copied.bytes)} in ${count(copied.files, 'file')}`,
    paint(isOver ? 'red' : 'green', total),
    ...(isOver ? ['', 'The biggest parts:', ...biggestRows(biggest)] : []),
    ...warnings.map((warning) => `${paint('yellow', 'warning:')} ${warning}`),
    isOver ? paint('red', 'over budget: nothing was written') : `written to ${outDir}`,
  ];
  return `${lines.join('\n')}\n`;
}

function biggestRows(parts: readonly Part[]): string[] {
  const shown = parts.slice(0, BIGGEST_SHOWN);
  const width = Math.max(...shown.map(({ bytes }) => describeBytes(bytes).length));
  return shown.map(({ name, bytes }) => `  ${describeBytes(bytes).padStart(width)}  ${name}`);
}

function describePart({ name, bytes }: Part): string {
  return `${name} ${describeBytes(bytes)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
