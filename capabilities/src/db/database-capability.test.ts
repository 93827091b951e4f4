import { setImmediate as nextTurn } from 'node:timers/promises';
import { BottleError, type SqlAnswer, type SqlResult, type SqlStep } from '@bottle/protos';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext, StreamMethod, UnaryMethod } from '../capability.ts';
import { databaseCapability } from './database-capability.ts';
import type { DatabaseDriver } from './database-port.ts';
import { createSqliteDatabase } from './sqlite-database.ts';

const { execute, query, transaction } = databaseCapability.methods as unknown as {
  execute: UnaryMethod<DatabaseDriver, object, SqlResult>;
  query: StreamMethod<DatabaseDriver, object, SqlResult>;
  transaction: StreamMethod<DatabaseDriver, SqlStep, SqlAnswer>;
};
const BEGIN: SqlStep = { step: 'begin', isolation: 'DB_ISOLATION_DEFAULT', readOnly: false };

const callOf = (options: Partial<CallContext> = {}): CallContext => ({
  resource: 'shop',
  caller: 'f',
  invocationId: '',
  traceparent: '',
  baggage: '',
  readOnly: false,
  timeoutMs: 0,
  signal: new AbortController().signal,
  ...options,
});
const statementOf = (sql: string) => ({ sql, parameters: [], readOnly: false });
const stepOf = (sql: string): SqlStep => ({ step: 'execute', statement: statementOf(sql) });

/** Steps that come when they are told to. */
function steps() {
  const waiting: SqlStep[] = [];
  let wake: (() => void) | undefined;
  async function* stream(): AsyncGenerator<SqlStep> {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    stream: stream(),
    send(step: SqlStep) {
      waiting.push(step);
      wake?.();
    },
  };
}

describe('the db capability', () => {
  let driver: DatabaseDriver;
  const run = (sql: string, call = callOf()): Promise<SqlResult> => execute.serve(driver, statementOf(sql), call);
  beforeEach(async () => {
    driver = createSqliteDatabase({ file: ':memory:', maxRows: 3 });
    await run('create table t (id integer primary key, a text)');
    await run("insert into t (a) values ('x')");
  });
  afterEach(() => driver.close());

  it('knows which statements may be sent twice', () => {
    expect(execute.facts(statementOf('select 1'))).toEqual({ operation: 'execute', access: 'read', repeatable: true });
    expect(execute.facts(statementOf('delete from t')).repeatable).toBe(false);
    expect(execute.facts({ ...statementOf('delete from t'), readOnly: true }).repeatable).toBe(true);
  });
  it('makes the database refuse what a read-only grant does not give, and says what to add', async () => {
    const call = callOf({ readOnly: true });
    for (const sql of [
      'delete from t',
      '/* select */ update t set a = 1',
      'drop table t',
      "insert into t (a) values ('y') returning id",
    ]) {
      await expect(run(sql, call)).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'no-grant' });
      await expect(run(sql, call)).rejects.toThrow('uses: [db.shop]');
    }
    expect((await run('select a from t', call)).rows).toEqual([['x']]);
  });
  it('changes nothing when the answer of a change is too large', async () => {
    const insert =
      "insert into t (a) select 'y' from (select 1 union select 2 union select 3 union select 4) returning id";
    await expect(run(insert)).rejects.toMatchObject({
      reason: 'result-too-large',
      details: { outcome: 'not-done' },
    });
    expect((await run('select count(*) from t')).rows).toEqual([[1]]);
  });
  it('says of a stream that nothing was done only where it certainly reads', async () => {
    const outcomeOf = async (sql: string): Promise<unknown> => {
      const call = callOf();
      async function* only(): AsyncGenerator<object> {
        yield statementOf(sql);
      }
      await query.serve(driver, only(), call)[Symbol.asyncIterator]().next();
      return call.outcome;
    };
    expect(await outcomeOf('select a from t')).toBe('not-done');
    expect(await outcomeOf("insert into t (a) values ('y') returning id")).toBeUndefined();
  });
  it('rolls a transaction back the moment its call ends, though no step comes any more', async () => {
    const controller = new AbortController();
    const { stream, send } = steps();
    const answers = transaction.serve(driver, stream, callOf({ signal: controller.signal }))[Symbol.asyncIterator]();
    send(BEGIN);
    await answers.next();
    send(stepOf('delete from t'));
    expect((await answers.next()).value).toMatchObject({ result: { affectedRows: 1 }, closed: false });
    const waiting = answers.next();
    await nextTurn();
    const writing = run("insert into t (a) values ('after')");
    controller.abort(new BottleError('CANCELLED', 'cancelled', 'gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect((await writing).affectedRows).toBe(1);
    expect((await run('select a from t')).rows).toEqual([['x'], ['after']]);
  });
  it('answers a failed step with its error, and goes on', async () => {
    const { stream, send } = steps();
    const answers = transaction.serve(driver, stream, callOf())[Symbol.asyncIterator]();
    send(BEGIN);
    await answers.next();
    for (const step of [stepOf('select nothing from nowhere'), stepOf('commit'), BEGIN, stepOf('')]) {
      send(step);
      expect((await answers.next()).value).toMatchObject({ closed: false, error: { code: 3 } });
    }
    send({ step: 'savepoint', name: 'a; drop table t' });
    expect((await answers.next()).value).toMatchObject({ error: { reason: 'bad-identifier' } });
    send({ step: 'commit' });
    expect((await answers.next()).value).toMatchObject({ closed: true });
    expect((await answers.next()).done).toBe(true);
  });
  it('takes no steps before the first one', async () => {
    const { stream, send } = steps();
    send({ step: 'commit' });
    await expect(transaction.serve(driver, stream, callOf())[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      reason: 'bad-operation',
    });
  });
  it('reports slow statements without their values', async () => {
    const slow: string[] = [];
    const watched = createSqliteDatabase({
      file: ':memory:',
      slowQueryMs: 0,
      onSlowQuery: ({ sql }) => slow.push(sql),
    });
    await execute.serve(watched, { sql: 'select ?', parameters: ['secret'], readOnly: false }, callOf());
    expect(slow).toEqual(['select ?']);
    await watched.close();
  });
  it('streams what only reads, and leaves nothing open when the loop is left', async () => {
    const many = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select i from n';
    async function* only(): AsyncGenerator<object> {
      yield statementOf(many);
    }
    let rows = 0;
    for await (const part of query.serve(driver, only(), callOf())) rows += part.rows.length;
    expect(rows).toBe(5_000);
    for (let turn = 0; turn < 100; turn++)
      for await (const part of query.serve(driver, only(), callOf())) if (part) break;
    await run('drop table t');
  });
});
