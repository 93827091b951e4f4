import { bottle, defineFunction } from 'bottle-sdk';

/** Makes a table of so many rows. */
export const fill = defineFunction.http(async (ctx) => {
  const db = bottle.db('rows');
  const count = Number(ctx.query['count']);
  await db.sql`create table if not exists items (id integer primary key, name text, price real)`;
  await db.sql`create table if not exists changes (id integer primary key, at text)`;
  await db.execute(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
     insert into items select i, 'item number ' || i, i * 0.5 from n`,
    [count],
  );
  return { count };
});

/** All of them, a line each. */
export const all = defineFunction.http((ctx) => {
  ctx.type = 'application/x-ndjson';
  return bottle.db('rows').stream('select id, name, price from items');
});

/** A transaction of three statements. */
export const add = defineFunction.http(() =>
  bottle.db('rows').transaction(async (tx) => {
    await tx.sql`insert into changes (at) values ('first')`;
    const { rows } = await tx.sql<{ n: number }>`select count(*) as n from changes`.result();
    await tx.sql`insert into changes (at) values ('second')`;
    return rows[0];
  }),
);

/** The same, each row made anew by a generator. */
export const mapped = defineFunction.http(async function* (ctx) {
  ctx.type = 'application/x-ndjson';
  for await (const { id, name, price } of bottle.db('rows').stream('select id, name, price from items'))
    yield { id, name, price };
});

/** Asks nothing of anybody. */
export const plain = defineFunction.http(() => ({ ok: true }));

/** One of them. */
export const one = defineFunction.http(
  (ctx) => bottle.db('rows').sql`select name from items where id = ${ctx.query['id'] ?? 1}`,
);

/** Counts for minutes, unless its deadline comes first. */
export const heavy = defineFunction.http((ctx) => {
  const db = bottle.db('rows').with({ timeoutMs: Number(ctx.query['timeoutMs']) });
  return db.sql`
    with recursive c (x) as (select 1 union all select x + 1 from c limit 10000000000)
    select count(*) from c`;
});
