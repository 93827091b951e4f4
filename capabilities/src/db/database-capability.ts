import {
  BottleError,
  Code,
  type SqlAnswer,
  type SqlBatch,
  type SqlStatement,
  type SqlStep,
  toWireError,
} from '@bottle/protos';
import { type CallContext, type Capability, firstOf, type StreamMethod, type UnaryMethod } from '../capability.ts';
import {
  type DatabaseDriver,
  type DatabaseTransaction,
  NO_RESULT,
  type RunOptions,
  type SqlOutcome,
} from './database-port.ts';
import { untilAborted } from '../until-aborted.ts';
import { isPlainSelect } from './plain-select.ts';

/** Every statement needs read access only: where that is all a grant gives, the driver makes the database refuse more. */
const execute: UnaryMethod<DatabaseDriver, SqlStatement, SqlOutcome> = {
  kind: 'unary',
  facts: ({ sql, readOnly }) => ({
    operation: 'execute',
    access: 'read',
    repeatable: readOnly || isPlainSelect(sql),
  }),
  serve: async (driver, statement, call) => {
    assertStatement(statement);
    return await guarded(call, () => driver.execute(statement, optionsOf(call, statement)));
  },
};

const batch: UnaryMethod<DatabaseDriver, SqlBatch, SqlOutcome> = {
  kind: 'unary',
  facts: () => ({ operation: 'batch', access: 'write', repeatable: false }),
  serve: async (driver, { sql, rows }, call) => {
    assertRows(rows);
    return await guarded(call, () => driver.batch(sql, rows, optionsOf(call)));
  },
};

const query: StreamMethod<DatabaseDriver, SqlStatement, SqlOutcome> = {
  kind: 'stream',
  facts: { operation: 'query', access: 'read', repeatable: false },
  async *serve(driver, requests, call) {
    const statement = await firstOf(requests);
    if (!statement) throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', 'the statement is missing');
    assertStatement(statement);
    // What has rows may have changed some: `insert … returning`.
    if (call.readOnly || statement.readOnly || isPlainSelect(statement.sql)) call.outcome = 'not-done';
    try {
      yield* driver.query(statement, optionsOf(call, statement));
    } catch (error) {
      throw explained(error, call);
    }
  },
};

const transaction: StreamMethod<DatabaseDriver, SqlStep, SqlAnswer> = {
  kind: 'stream',
  facts: { operation: 'transaction', access: 'read', repeatable: false },
  async *serve(driver, requests, call) {
    const steps = requests[Symbol.asyncIterator]();
    const begin = (await untilAborted(steps.next(), call.signal)).value as SqlStep | undefined;
    if (begin?.step !== 'begin')
      throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', 'a transaction begins with "begin"');
    const options = optionsOf(call, begin);
    call.outcome = 'not-done'; // until a commit
    const opened = await guarded(call, () => driver.begin({ ...options, isolation: begin.isolation }));
    // Not only between steps: whoever left does not wait for the statement under way.
    const onAbort = (): void => void opened.abandon();
    call.signal.addEventListener('abort', onAbort);
    try {
      if (call.signal.aborted) return;
      yield {};
      while (!opened.closed) {
        const { value, done } = await untilAborted(steps.next(), call.signal);
        if (done) return;
        yield* answersTo(opened, value, { options, call });
      }
    } finally {
      call.signal.removeEventListener('abort', onAbort);
      await opened.abandon();
    }
  },
};

/** Relational databases: what functions may do is `read` or `write`. */
export const databaseCapability: Capability<DatabaseDriver> = {
  name: 'db',
  accesses: ['read', 'write'],
  methods: { execute, batch, query, transaction },
};

/** A step that fails is an answer, too: the transaction goes on unless the database ended it. */
async function* answersTo(
  transaction: DatabaseTransaction,
  step: SqlStep,
  context: { options: RunOptions; call: CallContext },
): AsyncGenerator<SqlAnswer> {
  const { options, call } = context;
  try {
    if (step.step === 'query') {
      assertStatement(step.statement);
      const parts = transaction.query(step.statement, options);
      for await (const result of parts) yield { result, more: true };
      yield { result: NO_RESULT };
      return;
    }
    const result = await resultOf(transaction, step, context);
    yield result ? { result, closed: transaction.closed } : { closed: transaction.closed };
  } catch (thrown) {
    if (call.signal.aborted || !(thrown instanceof BottleError)) throw thrown;
    const error = toWireError(asBottleError(explained(thrown, call), call));
    yield { error, closed: transaction.closed };
  }
}

async function resultOf(
  transaction: DatabaseTransaction,
  step: SqlStep,
  { options, call }: { options: RunOptions; call: CallContext },
): Promise<SqlOutcome | undefined> {
  switch (step.step) {
    case 'execute':
      assertStatement(step.statement);
      return transaction.execute(step.statement, options);
    case 'batch':
      assertRows(step.batch.rows);
      return transaction.batch(step.batch.sql, step.batch.rows, options);
    case 'commit':
      call.outcome = 'unknown';
      await transaction.commit();
      call.outcome = 'done';
      return undefined;
    case 'rollback':
      await transaction.rollback();
      return undefined;
    case 'savepoint':
    case 'rollbackTo':
    case 'release':
      await transaction[step.step](savepointName(step.name));
      return undefined;
    default:
      throw new BottleError(
        Code.INVALID_ARGUMENT,
        'bad-operation',
        `"${step.step}" is not a step of an open transaction`,
      );
  }
}

/** `asked`: what the call itself says of it. */
function optionsOf(call: CallContext, asked: { readOnly: boolean } = call): RunOptions {
  const { signal, timeoutMs, invocationId } = call;
  return { readOnly: call.readOnly || asked.readOnly, signal, timeoutMs, invocationId };
}

/** A savepoint's name becomes part of a statement. */
function savepointName(name: string): string {
  if (/^[A-Za-z_]\w{0,62}$/.test(name)) return name;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-identifier', 'a savepoint is named by letters, digits and "_"');
}

function assertStatement({ sql }: SqlStatement): void {
  if (sql.trim() === '') throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', 'the statement is empty');
  // A hint for people. What hides behind a comment, the drivers notice afterwards.
  if (!/^\s*(begin|start\s+transaction|commit|end|rollback|savepoint|release)\b/i.test(sql)) return;
  const message = 'transactions have methods of their own: db.transaction(), tx.savepoint()';
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', message);
}

function assertRows(rows: SqlBatch['rows']): void {
  const [first = []] = rows;
  if (rows.some((row) => row.length !== first.length))
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-value', 'the rows of a batch differ in length');
}

async function guarded<Result>(call: CallContext, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explained(error, call);
  }
}

/** A refused write reads like a missing grant when it is one. */
function explained(thrown: unknown, { readOnly, resource }: CallContext): unknown {
  if (!readOnly || !(thrown instanceof BottleError) || thrown.reason !== 'read-only') return thrown;
  const message = `the function may only read db.${resource}: add \`uses: [db.${resource}]\` to the function in serverless.yml`;
  return new BottleError(Code.PERMISSION_DENIED, 'no-grant', message, { details: thrown.details });
}

/** Reasons of steps that end a transaction otherwise than by a rollback. */
const OF_ITS_END: ReadonlySet<string> = new Set(['outcome-unknown', 'transaction-over']);

/**
 * As the broker explains errors of calls: a step's error does not pass it. Whatever fails before a commit, the transaction has
 * done nothing that lasts, unless the driver knows of something.
 */
function asBottleError(thrown: unknown, { resource }: CallContext): BottleError {
  const { code, reason, message, cause, retryable, details, httpStatus } = BottleError.from(thrown);
  const facts = { resource: `db.${resource}`, operation: 'transaction', retryable, ...details };
  const isSaid = OF_ITS_END.has(reason) || details['outcome'] === 'unknown'; // of tables without transactions
  const outcome = (isSaid ? details['outcome'] : undefined) ?? 'not-done';
  return new BottleError(code, reason, message, { details: { ...facts, outcome }, cause, httpStatus });
}
