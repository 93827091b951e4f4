import { bottle, CallError, type DbParameter, defineFunction } from 'bottle-sdk';

interface Statement {
  sql: string;
  parameters: DbParameter[];
}

export const run = defineFunction.http<Statement>(
  async ({ params }, { sql, parameters }) => (await bottle.db(params['resource'] ?? '').execute(sql, parameters)).rows,
);

/** Fails in its answer, which streams. */
export const stream = defineFunction.http<Statement>(({ params }, { sql, parameters }) =>
  bottle.db(params['resource'] ?? '').stream(sql, parameters),
);

/** What code that catches the error has of it. */
export const caught = defineFunction.http<Statement>(async ({ params }, { sql, parameters }) => {
  try {
    return (await bottle.db(params['resource'] ?? '').execute(sql, parameters)).rows;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const { code, reason, message, outcome, details } = error;
    return { code, reason, message, outcome, details };
  }
});

export const cached = defineFunction.http(async () => await bottle.cache('locked').get('key'));
