import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { BottleError, EncodedSqlResult, type SqlValue } from '@bottle/protos';
import { createSqlCodecs } from '@bottle/protos/database';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseDriver, RunOptions, SqlOutcome } from './database-port.ts';
import { createSqliteDatabase } from './sqlite-database.ts';

/** Minutes of work in one step. */
const HEAVY =
  'with recursive c (x) as (select 1 union all select x + 1 from c limit 10000000000) select count(*) from c';
const { result: results } = createSqlCodecs();

const optionsOf = (options: Partial<RunOptions> = {}): RunOptions => ({
  readOnly: false,
  signal: new AbortController().signal,
  timeoutMs: 0,
  ...options,
});
const statementOf = (sql: string, ...parameters: SqlValue[]) => ({ sql, parameters, readOnly: false });
const rowsOf = (outcome: SqlOutcome): SqlValue[][] =>
  (outcome instanceof EncodedSqlResult ? results.decode(Buffer.from(outcome.bytes)) : outcome).rows;

/** The processes that this one started for `file`. */
function processesOf(file: string): { pid: number; readOnly: boolean }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes(`"file":"${file}"`) && !/^\s*\d+\s+\d+\s+Z/.test(line))
    .map((line) => ({ pid: Number.parseInt(line, 10), readOnly: line.includes('"readOnly":true') }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

describe('sqlite in processes of its own', () => {
  let folder: string;
  let file: string;
  let driver: DatabaseDriver;
  const run = async (sql: string, options = optionsOf()): Promise<SqlValue[][]> =>
    rowsOf(await driver.execute(statementOf(sql), options));
  const writerPid = (): number => processesOf(file).find(({ readOnly }) => !readOnly)?.pid ?? 0;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bottle-sqlite-'));
    file = join(folder, 'x.sqlite');
    driver = createSqliteDatabase({ file, hasProcesses: true });
    await run('create table t (id integer primary key, a text)');
  });
  afterEach(async () => {
    await driver.close();
    if (processesOf(file).length > 0) throw new Error('a process is left');
    rmSync(folder, { recursive: true });
  });

  it('ends a read at its deadline, and answers others meanwhile', async () => {
    await run('select 1');
    const startedAt = performance.now();
    const heavy = driver.execute(statementOf(HEAVY), optionsOf({ signal: AbortSignal.timeout(1_500) }));
    const isOver = heavy.then(
      () => 'answered',
      (error: Error) => error.name,
    );
    let answers = 0;
    while (performance.now() - startedAt < 1_400) {
      await run('select 1');
      await run(`insert into t (a) values ('x')`);
      answers += 1;
    }
    expect(await isOver).toBe('TimeoutError');
    expect(answers).toBeGreaterThan(20);
    expect(await run('select count(*) from t')).toEqual([[answers]]);
  });

  it('ends a write at its deadline: nothing of it stays, and the next one goes through', async () => {
    const sql = `insert into t (a) ${HEAVY}`;
    await expect(
      driver.execute(statementOf(sql), optionsOf({ signal: AbortSignal.timeout(300) })),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    await run(`insert into t (a) values ('after')`);
    expect(await run('select a from t')).toEqual([['after']]);
  });

  it('rolls back a transaction that is given up in the middle of a statement', async () => {
    const given = new AbortController();
    const options = optionsOf({ signal: given.signal });
    const transaction = await driver.begin({ ...options, isolation: 'DB_ISOLATION_DEFAULT' });
    await transaction.execute(statementOf(`insert into t (a) values ('never')`), options);
    const heavy = transaction.execute(statementOf(HEAVY), options).catch((error: Error) => error.message);
    await delay(100);
    given.abort(new Error('left'));
    await transaction.abandon();
    expect(await heavy).toBe('left');
    await run(`insert into t (a) values ('after')`);
    expect(await run('select a from t')).toEqual([['after']]);
  });

  it('goes on after its processes were killed, and says of what was under way that it is not known', async () => {
    const transaction = await driver.begin({ ...optionsOf(), isolation: 'DB_ISOLATION_DEFAULT' });
    const outcome = transaction.execute(statementOf(HEAVY), optionsOf()).catch((error: unknown) => error);
    await delay(100);
    for (const { pid } of processesOf(file)) process.kill(pid, 'SIGKILL');
    expect(await outcome).toMatchObject({ code: 'UNAVAILABLE', reason: 'connection-lost' });
    expect(transaction.closed).toBe(true);
    await run(`insert into t (a) values ('after')`);
    expect(await run('select a from t')).toEqual([['after']]);
  });

  it('streams beside a statement that takes long, each part when it is wanted', async () => {
    const sql = `with recursive c (x) as (select 1 union all select x + 1 from c limit 20000) select x, 'a text' from c`;
    const controller = new AbortController();
    const heavy = driver.execute(statementOf(HEAVY), optionsOf({ signal: controller.signal })).catch(() => {});
    await delay(100);
    let rows = 0;
    for await (const part of driver.query(statementOf(sql), optionsOf())) rows += rowsOf(part).length;
    expect(rows).toBe(20_000);
    controller.abort(new Error('enough'));
    await heavy;
  });

  it('sees a schema that somebody else has changed, in statements it knows and in streams', async () => {
    const stream = async (): Promise<[string[], SqlValue[][]]> => {
      const columns: string[] = [];
      const rows: SqlValue[][] = [];
      for await (const part of driver.query(statementOf('select * from t'), optionsOf())) {
        const result = part instanceof EncodedSqlResult ? results.decode(Buffer.from(part.bytes)) : part;
        columns.push(...result.columns.map(({ name }) => name));
        rows.push(...result.rows);
      }
      return [columns, rows];
    };
    await run(`insert into t (a) values ('x')`);
    expect(await run('select * from t')).toEqual([[1, 'x']]);
    expect(await stream()).toEqual([['id', 'a'], [[1, 'x']]]);
    const other = new DatabaseSync(file);
    other.exec('alter table t add column b integer default 5; create table u (c text)');
    other.exec(`insert into u values ('new')`);
    expect(await stream()).toEqual([['id', 'a', 'b'], [[1, 'x', 5]]]);
    expect(await run('select * from t')).toEqual([[1, 'x', 5]]);
    expect(await run('select c from u')).toEqual([['new']]);
    other.exec('alter table t drop column a');
    other.close();
    await run('insert into t (b) values (6)');
    expect(await stream()).toEqual([
      ['id', 'b'],
      [
        [1, 5],
        [2, 6],
      ],
    ]);
    await expect(run('select a from t')).rejects.toMatchObject({ reason: 'driver-error' });
  });

  it('has a clear error for a disk that is full, and for a file that another program holds, and goes on after', async () => {
    execFileSync('prlimit', ['--pid', String(writerPid()), '--fsize=200000:']);
    const large = (): Promise<unknown> =>
      driver.execute(statementOf('insert into t (a) values (?)', 'x'.repeat(400_000)), optionsOf());
    await expect(large()).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { driverCode: 'SQLITE_IOERR' } });
    expect(await run('select count(*) from t')).toEqual([[0]]);
    execFileSync('prlimit', ['--pid', String(writerPid()), '--fsize=unlimited:']);
    await large();

    using other = new DatabaseSync(file);
    other.exec('begin immediate');
    const locked = run(`insert into t (a) values ('x')`);
    await expect(locked).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'sqlite refused the statement: another program writes to the file (SQLITE_BUSY)',
    });
    expect(await run('select count(*) from t')).toEqual([[1]]);
    other.exec('rollback');
    await run(`insert into t (a) values ('x')`);
  });

  it('says what is the matter with a file that is none of its own, and takes it when that has changed', async () => {
    const damaged = join(folder, 'damaged.sqlite');
    writeFileSync(damaged, 'certainly no database '.repeat(1_000));
    const other = createSqliteDatabase({ file: damaged, hasProcesses: true });
    try {
      const refusal: unknown = await other
        .execute(statementOf('select 1'), optionsOf())
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(BottleError);
      expect(refusal).toMatchObject({ code: 'DATA_LOSS', details: { driverCode: 'SQLITE_NOTADB' } });
      expect(other.problem).toContain('the file is damaged, or no database');
      rmSync(damaged);
      await other.ping();
      expect(other.problem).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  it('leaves no process behind when its own is killed, not even one with a statement under way', async () => {
    const orphaned = join(folder, 'orphaned.sqlite');
    const driverUrl = pathToFileURL(join(import.meta.dirname, 'sqlite-database.ts')).href;
    const script = `
      import { createSqliteDatabase } from ${JSON.stringify(driverUrl)};
      const driver = createSqliteDatabase({ file: ${JSON.stringify(orphaned)}, hasProcesses: true });
      const options = { readOnly: false, signal: new AbortController().signal, timeoutMs: 0 };
      await driver.ping();
      void driver.execute({ sql: ${JSON.stringify(HEAVY)}, parameters: [], readOnly: false }, options);
      setTimeout(() => console.log('at work'), 200);
    `;
    const parent = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const pids = processesOf(orphaned).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(pids.some((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') R '))).toBe(true);
    parent.kill('SIGKILL');
    await until(() => processesOf(orphaned).length === 0);
  });
});
