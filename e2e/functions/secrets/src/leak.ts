// What careless code does with secrets.
import { inspect } from 'node:util';
import { bottle, BottleError, Code, defineFunction, type FaaSHttpContext } from 'bottle-sdk';

interface Given {
  ctx: FaaSHttpContext;
  key: string;
  pem: string;
  pin: string;
}

/** Logs as people do. */
const LOGS: Record<string, (given: Given) => unknown> = {
  console({ key, pem, pin }) {
    console.log('key is', key);
    console.error(`key is ${key}, ${pem}`);
    console.info({ key, nested: { list: [key], map: new Map([[key, key]]), set: new Set([pem]) } });
    console.dir({ key });
    console.table([{ key, pin }]);
    console.warn('%s and %o', key, { key });
    console.debug(JSON.stringify({ key }), JSON.stringify(JSON.stringify({ key })));
    console.log(inspect(pem), inspect({ pem }), [pem]);
    console.log(Buffer.from(key), Buffer.from(pem));
    console.trace(key);
  },
  encoded({ key, pin }) {
    for (const encoding of ['base64', 'base64url', 'hex'] as const) console.log(Buffer.from(key).toString(encoding));
    console.log(
      encodeURIComponent(key),
      String(new URLSearchParams({ key, pin })),
      new URL(`http://x/${pin}?k=${key}`).href,
    );
    console.log(`Basic ${Buffer.from(`user:${key}`).toString('base64')}`);
  },
  logger({ ctx, key, pem, pin }) {
    ctx.logger.info(`key is ${key}`);
    ctx.logger.warn({ [key]: key, deep: { a: [{ key, pem }] }, pin: Number(pin), text: JSON.stringify({ key }) }, key);
    ctx.logger.error({ err: new Error(key, { cause: new Error(pem) }) }, 'failed');
    ctx.logger.error({ bytes: Buffer.from(key), url: `https://x/${encodeURIComponent(key)}` });
  },
  streams({ key, pem }) {
    process.stdout.write(key.slice(0, 5));
    process.stdout.write(`${key.slice(5)}\n${pem}`);
    process.stderr.write(`${key}\n`);
    process.stderr.write(Buffer.from(`${pem}\n`));
  },
  long({ key }) {
    console.log('x'.repeat(64 * 1024 - 6) + key);
    throw new Error('y'.repeat(3_994) + key);
  },
  warning({ key }) {
    process.emitWarning(`warned of ${key}`);
    process.emitWarning(new Error(key), { detail: key });
  },
};

/** Fails as people do. */
const FAILURES: Record<string, (given: Given) => unknown> = {
  error({ key }) {
    throw new Error(`no answer to ${key}`, { cause: new TypeError(`${key} is wrong`) });
  },
  aggregate({ key, pem }) {
    throw new AggregateError([new Error(key), pem], key);
  },
  fields({ key }) {
    throw Object.assign(new Error('refused'), {
      config: { headers: { key }, url: `/charge?key=${encodeURIComponent(key)}` },
    });
  },
  name({ key }) {
    throw Object.assign(new Error('x'), { name: `Error of ${key}`, code: key });
  },
  text({ key }) {
    throw key; // oxlint-disable-line no-throw-literal -- people do
  },
  status({ key }) {
    throw Object.assign(new Error(`${key} is not allowed`), { status: 403 });
  },
  typed({ key, pem }) {
    throw new BottleError(Code.NOT_FOUND, 'no-item', `no item ${key}`, {
      details: { key, [key]: [pem] },
      cause: new Error(key),
    });
  },
  async timer({ key }) {
    setTimeout(() => {
      throw new Error(`late ${key}`);
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  },
  async rejection({ key }) {
    void Promise.reject(new Error(`nobody awaits ${key}`));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  },
  async *stream({ key }) {
    yield 'begun';
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new BottleError(Code.INTERNAL, 'late', `after the head ${key}`);
  },
  http: ({ key }) =>
    bottle
      .http('gone')
      .fetch(`/charge/${encodeURIComponent(key)}?k=${key}`, { headers: { 'x-k': encodeURIComponent(key) } }),
  base: ({ key }) => bottle.http('gone').fetch(`http://${Buffer.from(key).toString('hex')}.invalid/`),
  cache: ({ key }) => bottle.cache('gone').command('SET', [key, key]),
  resource: ({ key, pin }) => bottle.cache(`carts-${pin}`).get(key),
  call: ({ pin }) => bottle.rpc.invoke(`charge-${pin}`, pin),
  secret: ({ key }) => bottle.secrets('payments').get(key),
};

export const leak = defineFunction.http(async (ctx) => {
  const payments = bottle.secrets('payments');
  const given = {
    ctx,
    key: await payments.get('api-key'),
    pem: await payments.get('pem'),
    pin: await bottle.secrets('plain').get('pin'),
  };
  const how = ctx.params['how'] ?? '';
  const leaks = LOGS[how] ?? FAILURES[how];
  if (!leaks) throw new BottleError(Code.NOT_FOUND, 'no-leak', 'there is no such leak');
  return await leaks(given);
});

/** What a function returns on purpose is its own business. */
export const show = defineFunction.http((ctx) => bottle.secrets('payments').get(ctx.params['key'] ?? ''));
