// `npm run e2e:streams`: every ending of every stream, done to real processes, as a table. Exit code 1 when one row does
// not pass.
import { parseArgs } from 'node:util';
import { checkRow, strayErrors } from './check-row.ts';
import type { Verdict } from './row.ts';
import { Stage } from './stage.ts';
import { ROWS, tableOf } from './table.ts';

const { only, help } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } }).values;
if (help) {
  process.stdout.write(
    'Usage: npm run e2e:streams -- [--only TEXT]\n\n  --only   rows whose stream, way or ending has it\n',
  );
  process.exit(0);
}
const rows = ROWS.filter(({ part, way, ending }) => `${part} ${way} ${ending}`.includes(only ?? ''));
if (rows.length === 0) {
  process.stderr.write(`no row has "${only}"\n`);
  process.exit(64);
}

const stage = await Stage.start();
const verdicts: Verdict[] = [];
let strays: string[] = [];
try {
  for (const row of rows) verdicts.push(await checkRow(row, stage));
  strays = await strayErrors(stage);
} finally {
  await stage.end();
}
const passed = verdicts.filter(({ faults }) => faults.length === 0).length;
process.stdout.write(`${tableOf(verdicts)}\n\n${[`${passed} of ${verdicts.length} pass`, ...strays].join('\n')}\n`);
process.exit(passed === verdicts.length && strays.length === 0 ? 0 : 1);
