// How much memory large result sets take on their way.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerAddresses } from '@bottle/test-servers';
import type { Database } from 'bottle-sdk';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { countOf } from './database-contract.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const ROWS = 1_000_000;
const MAX_GROWTH_MB = 64;
const url: ServerAddresses['mysqlUrl'] = inject('mysqlUrl');

const rssMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

async function createBig(db: Database): Promise<void> {
  await db.execute('drop table if exists big');
  await db.execute('create table big (id bigint primary key, name varchar(50), price decimal(10,2), at datetime)');
  const thousand = Array.from({ length: 1_000 }, (_, id) => ({
    id,
    name: `row ${id}`,
    price: '1.25',
    at: new Date(0),
  }));
  await db.insertMany('big', thousand);
  const grow = 'insert into big select id + ? * 1000, name, price, at from big where id < 1000';
  const blocks = Array.from({ length: ROWS / 1_000 - 1 }, (_, at) => [at + 1]);
  await db.transaction(async (tx) => {
    for (const [block] of blocks) await tx.execute(grow, [block ?? 0]);
  });
}

/** Reads all rows, pausing now and then; tells by how much the processes grew at most. */
async function measure(
  title: string,
  { db, sidecar }: { db: Database; sidecar: SidecarTarget['sidecar'] },
  pauseEvery: number,
) {
  const before = { sidecar: rssMb(sidecar.pid), reader: rssMb(process.pid) };
  const most = { ...before };
  const timer = setInterval(() => {
    most.sidecar = Math.max(most.sidecar, rssMb(sidecar.pid));
    most.reader = Math.max(most.reader, rssMb(process.pid));
  }, 20);
  const startedAt = performance.now();
  let rows = 0;
  for await (const { id } of db.stream<{ id: number }>('select * from big')) {
    rows += id >= 0 ? 1 : 0;
    if (rows % pauseEvery === 0) await delay(5);
  }
  clearInterval(timer);
  const measured = {
    rows,
    seconds: Math.round((performance.now() - startedAt) / 10) / 100,
    sidecarMb: Math.round(most.sidecar - before.sidecar),
    readerMb: Math.round(most.reader - before.reader),
  };
  process.stdout.write(`database stream: ${JSON.stringify({ driver: title, pauseEvery, ...measured })}\n`);
  return measured;
}

const targets = [
  { title: 'SQLite', resources: {} },
  ...(url === undefined ? [] : [{ title: 'MySQL', resources: { db: { big: { driver: 'mysql', url } } } }]),
];

describe.each(targets)('a result set of a million rows from $title', ({ title, resources }) => {
  it(`streams with less than ${MAX_GROWTH_MB} MB of growth in either process, however slow the reader`, async () => {
    const target = await openSidecar(resources);
    onTestFinished(() => target.close());
    const subject = { db: target.bottle.db('big'), sidecar: target.sidecar };
    await createBig(subject.db);
    await countOf(subject.db.stream('select * from big'), 50_000); // compiles what it takes
    for (const pauseEvery of [Number.POSITIVE_INFINITY, 5_000]) {
      const measured = await measure(title, subject, pauseEvery);
      expect(measured.rows).toBe(ROWS);
      expect(measured.sidecarMb).toBeLessThan(MAX_GROWTH_MB);
      expect(measured.readerMb).toBeLessThan(MAX_GROWTH_MB);
    }
  });
});
