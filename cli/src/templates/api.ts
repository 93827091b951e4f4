import { SERVERLESS_SCHEMA, SIDECAR_SCHEMA, type Template } from './template.ts';

/** Functions for HTTP routes. */
export const api: Template = {
  summary: 'functions for HTTP routes',
  files: ({ name, ending, type }) => ({
    'serverless.yml': `${SERVERLESS_SCHEMA}service: ${name}

provider:
  timeout: 10 # seconds

functions:
  hello:
    handler: src/hello.hello
    uses: []
    events:
      - http: { path: /hello/:name, method: get }
  echo:
    handler: src/hello.echo
    uses: []
    events:
      - http: { path: /echo, method: post }
  visit:
    handler: src/hello.visit
    uses: [cache.visits]
    events:
      - http: { path: /visits/:page, method: post }
  greetAll:
    handler: src/hello.greetAll
    uses: []
    events:
      - http: { path: /greetings, method: get }
`,
    'sidecar.yml': `${SIDECAR_SCHEMA}# What the operator says. A resource that functions use has its line here; without any, embedded drivers serve every name.
resources:
  cache:
    visits: { driver: memory } # or { driver: redis, url: … }
`,
    [`src/hello.${ending}`]: `import { bottle, defineFunction } from 'bottle-sdk';

export const hello = defineFunction.http((ctx) => {
  ctx.logger.info({ name: ctx.params.name }, 'greeting');
  return { hello: ctx.params.name };
});

/** The event is the request body: JSON arrives parsed. */
export const echo = defineFunction.http${type('<{ text: string }>')}((_ctx, event) => ({ text: event.text }));

/** A cache is named here; where it is, sidecar.yml says. */
export const visit = defineFunction.http(async (ctx) => {
  const { page = '' } = ctx.params;
  return { page, visits: await bottle.cache('visits').increment(page) };
});

/** What an async generator yields is streamed as it comes. */
export const greetAll = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/plain; charset=utf-8';
  for (const name of ['Ada', 'Grace', 'Radia']) yield \`hello \${name}\\n\`;
});
`,
    [`src/hello.test.${ending}`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeBottle } from 'bottle-sdk/testing';
import { hello, visit } from './hello.${ending}';

test('greets whom the path names', async () => {
  await using fake = createFakeBottle();
  assert.deepEqual(await hello(fake.httpContext({ params: { name: 'Ada' } }), undefined), { hello: 'Ada' });
});

test('counts the visits of each page', async () => {
  await using fake = createFakeBottle();
  const visitOf = (page${type(': string')}) => fake.run(() => visit(fake.httpContext({ params: { page } }), undefined));
  await visitOf('home');
  assert.deepEqual(await visitOf('home'), { page: 'home', visits: 2 });
  assert.deepEqual(await visitOf('about'), { page: 'about', visits: 1 });
});
`,
  }),
  tryIt: () => `    curl localhost:8080/hello/you
    curl localhost:8080/echo -H 'content-type: application/json' -d '{"text":"hi"}'
    curl -X POST localhost:8080/visits/home
    curl localhost:8080/greetings
`,
};
