// `npm run e2e:faults`: the faults that a pod has to survive, each done to real processes under the load of a client that
// does not wait, and reconciled: what was sent, executed and answered. One row each; exit code 1 when one does not pass.
import { parseArgs } from 'node:util';
import { deaths } from './deaths.ts';
import { brokers } from './brokers.ts';
import { dependencies } from './dependencies.ts';
import { overload } from './overload.ts';
import { plannedChanges } from './planned-changes.ts';
import { type Outcome, type Row, Stage } from './row.ts';

const { only, help } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } }).values;
if (help) {
  process.stdout.write('Usage: npm run e2e:faults -- [--only N[,N…]]\n\n  --only   rows by their number\n');
  process.exit(0);
}
const wanted = only?.split(',').map(Number);
const rows = [...plannedChanges, ...deaths, ...overload, ...dependencies, ...brokers].filter(
  ({ number }) => wanted?.includes(number) ?? true,
);
if (rows.length === 0) {
  process.stderr.write(`there is no row ${only}\n`);
  process.exit(64);
}

const outcomes: { row: Row; outcome: Outcome }[] = [];
for (const row of rows) {
  process.stderr.write(`${row.number}: ${row.fault} …\n`);
  outcomes.push({ row, outcome: await attempt(row) });
}
print(outcomes);
process.exit(outcomes.every(({ outcome }) => outcome.pass) ? 0 : 1);

async function attempt(row: Row): Promise<Outcome> {
  const stage = new Stage();
  try {
    return await row.run(stage);
  } catch (error) {
    const note = `it could not be done: ${(error as Error).message}`;
    return { sent: 0, executed: 0, answered: 0, failed: 0, lost: 0, duplicates: 0, note, pass: false };
  } finally {
    await stage.end();
  }
}

function print(results: typeof outcomes): void {
  const header = ['#', 'fault', 'sent', 'executed', 'answered', 'failed', 'lost', 'duplicates', ''];
  const lines = results.map(({ row, outcome }) => [
    String(row.number),
    row.fault,
    ...[outcome.sent, outcome.executed, outcome.answered, outcome.failed, outcome.lost, outcome.duplicates].map(String),
    outcome.pass ? 'pass' : 'FAILED',
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const write = (line: string[], below?: string): void => {
    const cells = line.map((cell, column) =>
      column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join('  ').trimEnd()}\n${below === undefined ? '' : `${below}\n`}`);
  };
  write(header);
  for (const [at, line] of lines.entries()) {
    const result = results[at];
    if (result) write(line, `      ${result.row.demand}\n      ${result.outcome.note}`);
  }
}
