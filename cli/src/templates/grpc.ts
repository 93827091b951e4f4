import { SERVERLESS_SCHEMA, SIDECAR_SCHEMA, type Template } from './template.ts';

/** A gRPC service: a function for each method. */
export const grpc: Template = {
  summary: 'a gRPC service, with a function for each method',
  files: ({ name, ending, type }) => ({
    'serverless.yml': `${SERVERLESS_SCHEMA}service: ${name}

provider:
  timeout: 10 # seconds

functions:
  sayHello:
    handler: src/greeter.sayHello
    uses: []
    idempotent: true
    events:
      - rpc: { proto: protos/greeter.proto, service: greeter.v1.Greeter, method: SayHello }
  countDown:
    handler: src/greeter.countDown
    uses: []
    events:
      - rpc: { proto: protos/greeter.proto, service: greeter.v1.Greeter, method: CountDown }

custom:
  examples:
    - grpcurl -plaintext -d '{"name":"you"}' localhost:9090 greeter.v1.Greeter/SayHello
    - grpcurl -plaintext -d '{"from":3}' localhost:9090 greeter.v1.Greeter/CountDown
`,
    'sidecar.yml': `${SIDECAR_SCHEMA}# What the operator says. gRPC is answered on this port, with reflection and health.
rpc:
  port: 9090
`,
    'protos/greeter.proto': `syntax = "proto3";

package greeter.v1;

service Greeter {
  // INVALID_ARGUMENT without a name.
  rpc SayHello(HelloRequest) returns (HelloReply);

  // One message a second, down to zero.
  rpc CountDown(CountDownRequest) returns (stream CountDownReply);
}

message HelloRequest {
  string name = 1;
}

message HelloReply {
  string greeting = 1;
}

message CountDownRequest {
  int32 from = 1;
}

message CountDownReply {
  int32 left = 1;
}
`,
    [`src/greeter.${ending}`]: `// The service greeter.v1.Greeter: protos/greeter.proto says what its messages are.
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, defineFunction } from 'bottle-sdk';

export const sayHello = defineFunction.rpc${type('<{ name: string }>')}((ctx, { name }) => {
  if (name === '') throw new BottleError(Code.INVALID_ARGUMENT, 'no-name', 'whom to greet?');
  ctx.logger.info({ name, peer: ctx.rpc.peer }, 'greeting');
  return { greeting: \`hello \${name}\` };
});

/** A generator answers with a stream; it ends when the client leaves. */
export const countDown = defineFunction.rpc${type('<{ from: number }, AsyncGenerator<{ left: number }>>')}(async function* (ctx, { from }) {
  for (let left = from; left >= 0; left--) {
    yield { left };
    if (left > 0) await delay(1_000, undefined, { signal: ctx.signal });
  }
});
`,
    [`src/greeter.test.${ending}`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeBottle } from 'bottle-sdk/testing';
import { countDown, sayHello } from './greeter.${ending}';

test('greets by name', async () => {
  await using fake = createFakeBottle();
  assert.deepEqual(await sayHello(fake.rpcContext(), { name: 'Ada' }), { greeting: 'hello Ada' });
});

test('refuses to greet nobody', async () => {
  await using fake = createFakeBottle();
  await assert.rejects(async () => sayHello(fake.rpcContext(), { name: '' }), { reason: 'no-name' });
});

test('counts down to zero', async () => {
  await using fake = createFakeBottle();
  const left${type(': number[]')} = [];
  for await (const reply of await countDown(fake.rpcContext(), { from: 1 })) left.push(reply.left);
  assert.deepEqual(left, [1, 0]);
});
`,
  }),
  tryIt: () => `    grpcurl -plaintext localhost:9090 list
    grpcurl -plaintext -d '{"name":"you"}' localhost:9090 greeter.v1.Greeter/SayHello
    npx bottle invoke sayHello --data '{"name":"you"}'
`,
};
