import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRow, strayErrors } from './check-row.ts';
import type { Verdict } from './row.ts';
import { Stage } from './stage.ts';
import { ROWS, tableOf } from './table.ts';

describe('every ending of a stream is seen, logged and counted, and leaves nothing behind', () => {
  const verdicts: Verdict[] = [];
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start();
  });
  afterAll(async () => {
    process.stdout.write(`${tableOf(verdicts)}\n`);
    await stage?.end();
  });

  it.each(ROWS.map((row) => ({ title: `${row.part}, ${row.way}: ${row.ending}`, row })))('$title', async ({ row }) => {
    const verdict = await checkRow(row, stage);
    verdicts.push(verdict);
    expect(verdict.faults).toEqual([]);
  });
  it('writes no error line besides', async () => {
    expect(await strayErrors(stage)).toEqual([]);
  });
});
