import { defineFunction } from 'bottle-sdk';

/** The port of the server that answers what only reads: before this invocation has written, and after. */
export const where = defineFunction.http(async (ctx) => {
  const db = ctx.bottle.db('shop');
  const port = async (): Promise<number | undefined> =>
    (await db.readOnly.sql<{ port: number }>`select @@port as port`.first())?.port;
  const before = Number(await port());
  await db.sql`select 1`;
  const afterReading = Number(await port());
  if (ctx.query['how'] === 'statement') await db.sql`insert into notes (text) values ('new')`;
  else await db.transaction(async (tx) => void (await tx.sql`insert into notes (text) values ('new')`));
  return { before, afterReading, afterWriting: Number(await port()) };
});
