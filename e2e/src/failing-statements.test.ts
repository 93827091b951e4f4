// Statements that a real server refuses: what clients see of it, what code that catches it has, and what the log says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';

const EMAIL = 'alice@example.com';
const USER = `clerk_${process.pid}`;
const DATABASE = `failing_${process.pid}`;
/** What is nobody's business outside. */
const INSIDE = new RegExp(`${EMAIL}|${USER}|${DATABASE}|people|email|sql|ER_|@|127\\.0|redis|WRONGPASS|password`, 'i');

interface Refusal {
  what: string;
  driverCode: string;
  sql: string;
  parameters?: unknown[];
  resource?: string;
  code: string;
  /** Whether trying again can help. */
  isPassing?: boolean;
}

const INSERT = 'insert into people (id, email, name, age, boss) values (?, ?, ?, ?, ?)';

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a duplicate',
    driverCode: 'ER_DUP_ENTRY',
    code: 'ALREADY_EXISTS',
    sql: INSERT,
    parameters: [2, EMAIL, 'a', 1, 1],
  },
  {
    what: 'an unknown table',
    driverCode: 'ER_NO_SUCH_TABLE',
    code: 'INVALID_ARGUMENT',
    sql: 'select * from nowhere where email = ?',
    parameters: [EMAIL],
  },
  {
    what: 'an unknown column',
    driverCode: 'ER_BAD_FIELD_ERROR',
    code: 'INVALID_ARGUMENT',
    sql: 'select emails from people',
  },
  { what: 'no SQL', driverCode: 'ER_PARSE_ERROR', code: 'INVALID_ARGUMENT', sql: 'selec email from people' },
  {
    what: 'too long a value',
    driverCode: 'ER_DATA_TOO_LONG',
    code: 'INVALID_ARGUMENT',
    sql: INSERT,
    parameters: [3, 'b', EMAIL, 1, 1],
  },
  {
    what: 'a number out of range',
    driverCode: 'ER_WARN_DATA_OUT_OF_RANGE',
    code: 'INVALID_ARGUMENT',
    sql: INSERT,
    parameters: [3, 'b', 'b', 300, 1],
  },
  {
    what: 'a value of another type',
    driverCode: 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
    code: 'INVALID_ARGUMENT',
    sql: INSERT,
    parameters: [3, 'b', 'b', EMAIL, 1],
  },
  {
    what: 'a foreign key',
    driverCode: 'ER_NO_REFERENCED_ROW_2',
    code: 'FAILED_PRECONDITION',
    sql: INSERT,
    parameters: [3, 'b', 'b', 1, 77],
  },
  {
    what: 'a check',
    driverCode: 'ER_CONSTRAINT_FAILED',
    code: 'FAILED_PRECONDITION',
    sql: INSERT,
    parameters: [3, 'b', 'b', 222, 1],
  },
  {
    what: 'a lock',
    driverCode: 'ER_LOCK_WAIT_TIMEOUT',
    code: 'ABORTED',
    sql: 'select email from people where id = 1 for update nowait',
    isPassing: true,
  },
  {
    what: 'a table that the user may not read',
    driverCode: 'ER_TABLEACCESS_DENIED_ERROR',
    code: 'PERMISSION_DENIED',
    sql: 'select email from people',
    resource: 'limited',
  },
  {
    what: 'a database that the user may not use',
    driverCode: 'ER_TABLEACCESS_DENIED_ERROR',
    code: 'PERMISSION_DENIED',
    sql: 'select User from mysql.user',
    resource: 'limited',
  },
  {
    what: 'a password that is wrong',
    driverCode: 'ER_ACCESS_DENIED_ERROR',
    code: 'UNAVAILABLE',
    sql: 'select 1',
    resource: 'locked',
    isPassing: true,
  },
];

const mysqlUrl = inject('mysqlUrl');
const redisUrl = inject('redisUrl');

describe.skipIf(mysqlUrl === undefined || redisUrl === undefined)('a statement that MySQL refuses', () => {
  let directory: string;
  let pod: TestPod;
  let runtime: TestProcess;
  let direct: Connection;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'bt-s-'));
    const url = (changes: Partial<URL>): string => Object.assign(new URL(mysqlUrl ?? ''), changes).href;
    direct = await createConnection(mysqlUrl ?? '');
    await direct.query(`create database ${DATABASE}`);
    await direct.query(`use ${DATABASE}`);
    await direct.query(`create table people (
      id int primary key, email varchar(50) unique, name varchar(5), age tinyint unsigned check (age < 200), boss int,
      foreign key (boss) references people (id))`);
    await direct.query('create table open (id int)');
    await direct.query(INSERT, [1, EMAIL, 'alice', 30, null]);
    await direct.query(`create user '${USER}'@'%' identified by 'right'`);
    await direct.query(`grant select on ${DATABASE}.open to '${USER}'@'%'`);
    await direct.query('begin');
    await direct.query('select id from people where id = 1 for update'); // the lock

    const config = join(directory, 'sidecar.yml');
    const mysql = { driver: 'mysql', url: url({ pathname: DATABASE }) };
    const clerk = { username: USER, pathname: DATABASE };
    const resources = {
      db: {
        shop: mysql,
        small: { ...mysql, maxRows: 1 },
        limited: { ...mysql, url: url({ ...clerk, password: 'right' }) },
        locked: { ...mysql, url: url({ ...clerk, password: 'wrong' }), policy: { breaker: { failures: 1_000 } } },
      },
      cache: { locked: { driver: 'redis', url: redisUrl, username: USER, password: 'wrong' } },
    };
    writeFileSync(config, JSON.stringify({ resources }));
    pod = new TestPod({ project: 'failing-statements', sidecarArgs: ['--config', config] });
    runtime = pod.startRuntime();
    await pod.startSidecar();
    await waitFor(async () => (await post('/run/shop', { sql: 'select 1' })).status === 200, 30_000);
  });
  afterAll(async () => {
    await pod?.end();
    await direct?.query('rollback');
    await direct?.query(`drop user '${USER}'@'%'`);
    await direct?.query(`drop database ${DATABASE}`);
    await direct?.end();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = (path: string, { sql = '', parameters = [] }: Partial<Refusal> = {}): Promise<Response> =>
    fetch(pod.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql, parameters }),
    });

  /** What a client saw; and the one ERROR line of it. */
  async function seen(answer: Response): Promise<{ status: number; reason: string; text: string; line: object }> {
    const text = await answer.text();
    const { reason, invocationId } = JSON.parse(text) as { reason: string; invocationId: string };
    const line = await runtime.line((each) => each['level'] === 50 && each['invocationId'] === invocationId);
    return { status: answer.status, reason, text, line };
  }
  const expected = (isPassing: boolean): object =>
    isPassing ? { status: 503, reason: 'dependency-unavailable' } : { status: 500, reason: 'function-error' };

  describe.each(REFUSALS)('for $what ($driverCode)', (refusal) => {
    const { driverCode, code, resource = 'shop', isPassing = false } = refusal;

    it.each(['run', 'stream'])('is nothing that its client sees, and all there in the log: %s', async (way) => {
      const { text, line, ...rest } = await seen(await post(`/${way}/${resource}`, refusal));
      expect(rest).toEqual(expected(isPassing));
      expect(text).not.toMatch(INSIDE);
      expect(line).toMatchObject({ resource: `db.${resource}`, driverCode, err: { details: { driverCode } } });
      expect(JSON.stringify(line)).not.toContain(EMAIL);
    });
    it('has its code and the words of the server for code that catches it, without values', async () => {
      const error = (await (await post(`/caught/${resource}`, refusal)).json()) as { message: string };
      expect(error).toMatchObject({ code, outcome: 'not-done', details: { driverCode } });
      expect(error).toHaveProperty('details.driverMessage', expect.stringMatching(/\w+ \w+/));
      expect(error.message).toMatch(new RegExp(`^mysql refused the (statement: .+|connection) \\(${driverCode}\\)$`));
      expect(error.message).not.toMatch(new RegExp(`${EMAIL}|${USER}|people`));
      expect(JSON.stringify(error)).not.toContain(EMAIL);
    });
  });

  it('for its many rows is no 429', async () => {
    const sql = 'select 1 union select 2';
    const { text, line, ...rest } = await seen(await post('/run/small', { sql }));
    expect(rest).toEqual(expected(false));
    expect(text).not.toMatch(/rows|stream|maxRows/);
    expect(line).toMatchObject({ err: { reason: 'result-too-large' } });
  });
  it('and Redis, for its password, is no 401', async () => {
    const { text, line: _, ...rest } = await seen(await post('/cached'));
    expect(rest).toEqual(expected(true));
    expect(text).not.toMatch(INSIDE);
  });
});
