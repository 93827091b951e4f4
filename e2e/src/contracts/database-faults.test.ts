// A real MySQL under load while it, its replica, the sidecar or whoever calls goes away.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startMysql, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import type { BottleError, Database } from 'bottle-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';
import { countOf } from './database-contract.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const WORKERS = 16;
const ACCOUNTS = 20;
const TIMEOUT_MS = 2_000;
/** What a call may take beyond its deadline: two busy cores. */
const MARGIN_MS = 750;

const server = await unlessUnavailable(startMysql({ own: true }));
afterAll(() => server?.stop());

/** Workers that never stop: half of them move money in transactions, half write single rows. */
class Load {
  readonly acknowledged = new Set<string>();
  readonly failures = new Map<string, number>();
  slowestMs = 0;
  #stopped = false;
  readonly #loops: Promise<void>[];

  constructor(db: Database) {
    const loop = async (worker: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn++) {
        const id = `${worker}-${turn}`;
        const startedAt = performance.now();
        try {
          await (worker % 2 === 0 ? transfer(db, id) : db.sql`insert into journal (id) values (${id})`);
          this.acknowledged.add(id);
        } catch (error) {
          const { code, reason } = error as BottleError;
          this.failures.set(`${code} ${reason}`, (this.failures.get(`${code} ${reason}`) ?? 0) + 1);
          await delay(10);
        }
        this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      }
    };
    this.#loops = Array.from({ length: WORKERS }, (_, worker) => loop(worker));
  }

  /** Resolves to how long it took until so many more were acknowledged, in milliseconds. */
  async more(count: number): Promise<number> {
    const startedAt = performance.now();
    const before = this.acknowledged.size;
    await waitFor(() => this.acknowledged.size >= before + count, 30_000);
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}

/** Three statements of which two make no sense without the third. */
async function transfer(db: Database, id: string): Promise<void> {
  const [from, to] = [1 + Math.floor(Math.random() * ACCOUNTS), 1 + Math.floor(Math.random() * ACCOUNTS)];
  await db.transaction(
    async (tx) => {
      await tx.sql`update accounts set balance = balance - 1 where id = ${from}`;
      await tx.sql`update accounts set balance = balance + 1 where id = ${to}`;
      await tx.sql`insert into transfers (id, source, target) values (${id}, ${from}, ${to})`;
    },
    { timeoutMs: TIMEOUT_MS },
  );
}

async function createTables(db: Database): Promise<void> {
  for (const name of ['accounts', 'transfers', 'journal']) await db.execute(`drop table if exists ${name}`);
  await db.execute('create table accounts (id bigint primary key, balance bigint not null)');
  await db.execute(
    'create table transfers (id varchar(50) primary key, source bigint not null, target bigint not null)',
  );
  await db.execute('create table journal (id varchar(50) primary key)');
  await db.insertMany(
    'accounts',
    Array.from({ length: ACCOUNTS }, (_, at) => ({ id: at + 1, balance: 1_000 })),
  );
}

/** Nothing is done by half, nothing acknowledged is missing. */
async function assertWhole(fault: string, db: Database, load: Load): Promise<void> {
  const { rows } = await db.execute<{ id: number; balance: number; due: number }>(
    `select a.id, a.balance, cast(1000 - (select count(*) from transfers where source = a.id)
       + (select count(*) from transfers where target = a.id) as signed) as due from accounts a`,
  );
  const stored = new Set<string>();
  for await (const { id } of db.stream<{ id: string }>('select id from transfers union all select id from journal'))
    stored.add(id);
  const lost = [...load.acknowledged].filter((id) => !stored.has(id));
  const report = {
    fault,
    acknowledged: load.acknowledged.size,
    stored: stored.size,
    lost: lost.length,
    slowestMs: Math.round(load.slowestMs),
    failures: Object.fromEntries(load.failures),
  };
  process.stdout.write(`database fault: ${JSON.stringify(report)}\n`);
  expect(rows).toHaveLength(ACCOUNTS);
  expect(rows.filter(({ balance, due }) => balance !== due)).toEqual([]);
  expect(lost).toEqual([]);
}

describe.skipIf(server === undefined)('a real MySQL', () => {
  const mysql = server as TestServer;
  const policy = { timeoutMs: TIMEOUT_MS, breaker: { failures: 5, openMs: 300 } };
  let target: SidecarTarget | undefined;
  afterEach(async () => {
    await mysql.resume().catch(() => {}); // it was not paused
    await target?.close();
    target = undefined;
  });
  const open = async (settings: object = {}): Promise<SidecarTarget & { db: Database }> => {
    const opened = await openSidecar({ db: { bank: { driver: 'mysql', url: mysql.address, policy, ...settings } } });
    target = opened;
    return Object.assign(opened, { db: opened.bottle.db('bank') });
  };
  const readiness = async (pod: TestPod): Promise<string> => (await pod.admin('/readyz')).text();

  describe('under load', () => {
    it('killed: nothing hangs, the breaker opens, the pod says why, and all goes on by itself when it is back', async () => {
      const { db, pod } = await open();
      await createTables(db);
      const load = new Load(db);
      await load.more(500);
      await mysql.kill();
      await waitFor(async () => (await readiness(pod)).includes('db.bank is not available'), 5_000);
      await waitFor(() => [...load.failures.keys()].some((key) => key.endsWith('breaker-open')), 5_000);
      await delay(1_000);
      await mysql.restart();
      const recoveredMs = await load.more(200);
      await load.stop();
      expect(recoveredMs).toBeLessThan(5_000);
      expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      expect(await readiness(pod)).not.toContain('db.bank');
      await assertWhole('killed', db, load);
    });
    it('paused: every call ends at its deadline, and all goes on by itself when it is resumed', async () => {
      const { db, pod } = await open();
      await createTables(db);
      const load = new Load(db);
      await load.more(500);
      await mysql.pause();
      await waitFor(async () => (await readiness(pod)).includes('db.bank is not available'), 15_000);
      await delay(1_000);
      await mysql.resume();
      const recoveredMs = await load.more(200);
      await load.stop();
      expect(recoveredMs).toBeLessThan(8_000);
      expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      await waitFor(async () => !(await readiness(pod)).includes('db.bank'), 5_000);
      await assertWhole('paused', db, load);
    });
    it('restarted, three times: nothing is done by half', async () => {
      const { db } = await open();
      await createTables(db);
      const load = new Load(db);
      for (let turn = 0; turn < 3; turn++) {
        await load.more(300);
        await mysql.restart();
      }
      await load.more(300);
      await load.stop();
      expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS);
      await assertWhole('restarted three times', db, load);
    });
  });

  describe('whoever calls goes away', () => {
    /** Milliseconds until nobody holds the account any more. */
    const releasedAfter = async (db: Database): Promise<number> => {
      const startedAt = performance.now();
      await waitFor(() => db.sql`select balance from accounts where id = 1 for update nowait`.then(() => true), 10_000);
      return performance.now() - startedAt;
    };
    const isHeld = (db: Database): Promise<boolean> =>
      db.sql`select id from accounts where id = 1 for update nowait`.then(
        () => false,
        (error: unknown) => (error as BottleError).code === 'ABORTED',
      );
    const connections = async (db: Database): Promise<number> =>
      (
        await db.sql<{
          n: number;
        }>`select count(*) as n from information_schema.processlist where user = 'root'`.first()
      )?.n ?? 0;

    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'bt-bank-'));
      const resources = { db: { bank: { driver: 'mysql', url: mysql.address, policy, connections: 3 } } };
      writeFileSync(join(directory, 'sidecar.yml'), JSON.stringify({ dataDir: directory, resources }));
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));
    const startPod = async () => {
      const pod = await TestPod.start({ project: 'bank', sidecarArgs: ['--config', join(directory, 'sidecar.yml')] });
      onTestFinished(() => pod.end());
      return pod;
    };
    const post = (pod: TestPod, path: string, body: object, signal?: AbortSignal): Promise<Response> =>
      fetch(`${pod.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      });

    it.each([false, true])(
      'a transaction ends at once with its invocation (a statement under way: %s)',
      async (busy) => {
        const { db } = await open();
        await createTables(db);
        const pod = await startPod();

        const faults: [string, () => Promise<unknown>][] = [
          ['the invocation’s timeout', async () => expect((await post(pod, '/hold', { busy })).status).toBe(504)],
          [
            'the client leaves',
            async () => {
              const controller = new AbortController();
              const asked = post(pod, '/hold-long', { busy }, controller.signal);
              await waitFor(() => isHeld(db), 5_000);
              controller.abort();
              await expect(asked).rejects.toThrow('abort');
            },
          ],
          [
            'SIGKILL of the function container',
            async () => {
              const asked = post(pod, '/hold-long', { busy });
              await waitFor(() => isHeld(db), 5_000);
              pod.runtime.kill('SIGKILL');
              expect((await asked).status).toBe(503);
            },
          ],
        ];
        for (const [fault, happen] of faults) {
          await happen();
          const ms = await releasedAfter(db);
          process.stdout.write(`database fault: ${fault}, busy ${busy}: rolled back after ${Math.round(ms)} ms\n`);
          expect(ms).toBeLessThan(1_000);
          expect(await db.sql`select balance from accounts where id = 1`).toEqual([{ balance: 1_000 }]);
        }
      },
    );
    it('SIGKILL of the sidecar ends its transactions, too', async () => {
      const { db } = await open();
      await createTables(db);
      const pod = await startPod();
      const asked = post(pod, '/hold-long', { busy: false }).catch(() => undefined);
      await waitFor(() => isHeld(db), 5_000);
      pod.sidecar.kill('SIGKILL');
      expect(await releasedAfter(db)).toBeLessThan(1_000);
      await asked;
    });
    it('a hundred abandoned transactions leave a small pool whole and clean', async () => {
      const { db } = await open({ connections: 2, policy: { timeoutMs: 30_000 } });
      await createTables(db);
      await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const controller = new AbortController();
          const held = db.transaction(
            async (tx) => {
              await tx.sql`update accounts set balance = 0 where id = ${1 + (at % ACCOUNTS)}`;
              if (at % 2 === 0) controller.abort();
              if (at % 4 === 1) setTimeout(() => controller.abort(), 2);
              await tx.sql`select sleep(0.01)`;
              throw new Error('undo');
            },
            { signal: controller.signal },
          );
          await expect(held).rejects.toThrow(/given up|undo/);
        }),
      );
      const { rows } = await db.execute('select balance from accounts');
      expect(rows).toEqual(Array.from({ length: ACCOUNTS }, () => ({ balance: 1_000 })));
      await waitFor(async () => (await connections(db)) <= 2, 5_000);
    });
    it('what a statement leaves in its session is not found by the next one', async () => {
      const { db } = await open({ connections: 1 });
      await createTables(db);
      for (const text of [
        'set @secret = 42',
        'set autocommit = 0',
        "set time_zone = '+05:00'",
        'set session sql_mode = ""',
        'lock tables accounts write',
        'create temporary table hidden (a int)',
        '/* */ begin',
        "select get_lock('mine', 0)",
      ]) {
        await db.execute(text);
        const after = await db.sql`select @secret as secret, @@autocommit as autocommit, @@time_zone as zone,
          @@sql_mode like '%STRICT%' as strict, is_free_lock('mine') as free`.first();
        expect(after).toEqual({ secret: null, autocommit: 1, zone: '+00:00', strict: 1, free: 1 });
        await expect(db.execute('select * from hidden')).rejects.toMatchObject({
          details: { driverCode: 'ER_NO_SUCH_TABLE' },
        });
      }
    });
    it('a statement that is given up ends on the server, too', async () => {
      const { db } = await open();
      const sleeping = (): Promise<number> =>
        db.sql`select id from information_schema.processlist where info like 'select sleep(30)%'`.then(
          ({ length }) => length,
        );
      const controller = new AbortController();
      const calls = [
        db.with({ timeoutMs: 300 }).execute('select sleep(30)'),
        db.with({ signal: controller.signal }).execute('select sleep(30) as a'),
        db.execute('select sleep(30) as b'), // the resource’s own deadline
        countOf(db.with({ timeoutMs: 300 }).stream('select sleep(30) as c')),
      ];
      const settled = Promise.allSettled(calls);
      await waitFor(async () => (await sleeping()) === 4, 5_000);
      controller.abort();
      const codes = (await settled).map((result) =>
        result.status === 'rejected' ? (result.reason as BottleError).code : 'done',
      );
      expect(codes).toEqual(['DEADLINE_EXCEEDED', 'CANCELLED', 'DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
      await waitFor(async () => (await sleeping()) === 0, 2_000);
    });
    it('a function that may only read is refused by the database, whatever the statement looks like', async () => {
      const { db } = await open();
      await createTables(db);
      const pod = await startPod();
      const statements = [
        'delete from accounts',
        '/* select */ update accounts set balance = 0',
        'drop table accounts',
        'truncate table accounts',
        'create table other (a int)',
        'insert into journal (id) values (1)',
      ];
      const outcomes = await json<string[]>(post(pod, '/read', { statements }));
      expect(new Set(outcomes)).toEqual(new Set(['PERMISSION_DENIED no-grant']));
      expect(await json(post(pod, '/read', { statements: ['select balance from accounts'] }))).toEqual([
        'done',
        'done',
        'PERMISSION_DENIED no-grant',
      ]);
      expect(await db.sql`select id from accounts`).toHaveLength(ACCOUNTS);
    });
  });

  describe('replicas', () => {
    it('answer what only reads, and the primary does when they are away', async () => {
      const replica = await startMysql({ own: true });
      onTestFinished(() => replica.stop());
      const { db, sidecar } = await open({ replicas: [replica.address] });
      const port = (address: string): number => Number(new URL(address).port);
      const answers = async (): Promise<number> =>
        Number((await db.readOnly.sql<{ port: number }>`select @@port as port`.first())?.port);
      await waitFor(async () => (await answers()) === port(replica.address), 5_000);
      expect(Number((await db.sql<{ port: number }>`select @@port as port`.first())?.port)).toBe(port(mysql.address));
      await replica.kill();
      const startedAt = performance.now();
      for (let turn = 0; turn < 20; turn++) expect(await answers()).toBe(port(mysql.address));
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
      await replica.restart();
      await waitFor(async () => (await answers()) === port(replica.address), 5_000);
      expect(sidecar.isRunning).toBe(true);
    });
  });
});
