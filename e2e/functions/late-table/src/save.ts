import { bottle, BottleError, Code, defineFunction, type MqMessage } from 'bottle-sdk';

const TABLE = process.env['TABLE'] ?? 'late';
const INSERT = `insert into ${TABLE} (topic, number) values (?, ?)`;

const save = (topic: string, { value }: MqMessage<number>): Promise<unknown> =>
  bottle.db('shop').execute(INSERT, [topic, value]);

export const plain = defineFunction.mq<number>((_ctx, message) => save('plain', message));

export const transaction = defineFunction.mq<number>((_ctx, { value }) =>
  bottle.db('shop').transaction(async (tx) => {
    await tx.execute(INSERT, ['transaction', value]);
  }),
);

export const whole = defineFunction.mqBatch<number>(async (_ctx, messages) => {
  for (const message of messages) await save('whole', message);
});

export const marked = defineFunction.mqBatch<number>(async (_ctx, messages) => {
  for (const message of messages) await save('marked', message).catch((error: unknown) => message.fail(error));
});

/** As a client of an HTTP service throws it. */
export const library = defineFunction.mq<number>(async (_ctx, message) => {
  await save('library', message).catch(() => {
    throw Object.assign(new Error('the service said 400'), { status: 400 });
  });
});

export const refusing = defineFunction.mq<number>(() => {
  throw new BottleError(Code.INVALID_ARGUMENT, 'no-order', 'this is no order');
});

export const publish = defineFunction.http(async ({ params }) => {
  const messages = [1, 2, 3, 4, 5].map((value) => ({ value }));
  await bottle.mq('queue').publishMany(params['topic'] ?? '', messages);
});

export const create = defineFunction.http(async () => {
  await bottle.db('shop').execute(`create table ${TABLE} (topic varchar(32), number int)`);
});

export const remove = defineFunction.http(async () => {
  await bottle.db('shop').execute(`drop table ${TABLE}`);
});

/** How many messages of each topic are in the table. */
export const saved = defineFunction.http(async () => {
  const select = `select topic, count(distinct number) as messages from ${TABLE} group by topic`;
  const { rows } = await bottle.db('shop').execute<{ topic: string; messages: number }>(select);
  return Object.fromEntries(rows.map(({ topic, messages }) => [topic, messages]));
});
