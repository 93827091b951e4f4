import { bottle, defineFunction } from 'bottle-sdk';

/** Locks an account in a transaction and keeps it: doing nothing, or in the middle of a statement. */
export const hold = defineFunction.http<{ busy: boolean }>(async (_ctx, { busy }) => {
  await bottle.db('bank').transaction(async (tx) => {
    await tx.sql`update accounts set balance = -1 where id = 1`;
    if (busy) await tx.sql`select sleep(60)`;
    else await new Promise(() => {});
  });
});

/** What becomes of statements where a function may only read. */
export const readOnly = defineFunction.http<{ statements: string[] }>(async (_ctx, { statements }) => {
  const db = bottle.db('bank');
  const outcome = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: { code: string; reason: string }) => `${error.code} ${error.reason}`,
    );
  const outcomes: string[] = [];
  for (const statement of statements) {
    outcomes.push(await outcome(db.execute(statement)));
    outcomes.push(await outcome(db.transaction((tx) => tx.execute(statement))));
    outcomes.push(await outcome(db.batch(statement, [[]])));
  }
  return outcomes;
});
