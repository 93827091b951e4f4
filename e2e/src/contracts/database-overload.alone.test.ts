// More than a database can do: what cannot be done in time is refused, and the rest is done.
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, BottleError } from 'bottle-sdk';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openSidecar } from './target.ts';

const CONNECTIONS = 2;
const WORK_MS = 20;
const DEADLINE_MS = 1_000;
const SECONDS = 4;
const TIMES = 5;

const mysqlUrl = inject('mysqlUrl');

/** For `SECONDS` five times as much as it can do; how often each thing happened. */
async function outcomesOf(perSecond: number, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const count = (kind: string): void => void (outcomes[kind] = (outcomes[kind] ?? 0) + 1);
  const calls: Promise<void>[] = [];
  const startedAt = performance.now();
  while (performance.now() < startedAt + SECONDS * 1_000) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond * TIMES);
    while (calls.length < due)
      calls.push(
        work().then(
          () => count('good'),
          (error: unknown) => count((error as BottleError).reason),
        ),
      );
    await delay(5);
  }
  await Promise.all(calls);
  return outcomes;
}

async function open(resource: object): Promise<Database> {
  const target = await openSidecar({ db: { busy: resource } });
  onTestFinished(() => target.close());
  return target.bottle.db('busy').with({ timeoutMs: DEADLINE_MS });
}

it.skipIf(mysqlUrl === undefined)('mysql does its work, and nobody waits in vain for all of their time', async () => {
  const db = await open({ driver: 'mysql', url: mysqlUrl, connections: CONNECTIONS });
  const perSecond = (CONNECTIONS * 1_000) / WORK_MS;
  const outcomes = await outcomesOf(perSecond, async () => db.sql`select sleep(${WORK_MS / 1_000})`);
  expect(Object.keys(outcomes).toSorted()).toEqual(['good', 'overloaded']);
  expect(outcomes['good']).toBeGreaterThan(perSecond * SECONDS * 0.5);
  await db.sql`select 1`;
});

it('sqlite: transactions that write come one after the other, and none waits in vain for all of its time', async () => {
  const db = await open({ driver: 'sqlite', file: ':memory:' });
  await db.sql`create table orders (id integer primary key)`;
  const perSecond = 1_000 / WORK_MS;
  const outcomes = await outcomesOf(perSecond, () =>
    db.transaction(async (tx) => {
      await tx.sql`insert into orders default values`;
      await delay(WORK_MS);
    }),
  );
  expect(Object.keys(outcomes).toSorted()).toEqual(['good', 'overloaded']);
  expect(outcomes['good']).toBeGreaterThan(perSecond * SECONDS * 0.5);
  const [row] = await db.sql<{ n: number }>`select count(*) as n from orders`;
  expect(row?.n).toBe(outcomes['good']);
});
