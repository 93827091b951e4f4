import { describe, expect, expectTypeOf, it } from 'vitest';
import type { FaaSContext } from '../context.ts';
import { createFunctionClient, type FunctionClient } from './functions-client.ts';
import type {
  BidiStreamClient,
  ClientStreamClient,
  GrpcClient,
  ServerStreamClient,
  UnaryMethodClient,
} from './grpc-client.ts';
import { fromEntries, toEntries } from './grpc-metadata.ts';

interface Functions {
  reserve(ctx: FaaSContext, event: { item: string }): Promise<{ at: Date; left: number }>;
  list(ctx: FaaSContext): string[];
  read(ctx: FaaSContext, event?: number): Uint8Array;
  limit: number;
}

describe('a client of functions', () => {
  it('has their names, events and results, as JSON leaves them', () => {
    type Client = FunctionClient<Functions>;
    expectTypeOf<keyof Client>().toEqualTypeOf<'reserve' | 'list' | 'read'>();
    expectTypeOf<Parameters<Client['reserve']>[0]>().toEqualTypeOf<{ item: string }>();
    expectTypeOf<ReturnType<Client['reserve']>>().toEqualTypeOf<Promise<{ at: string; left: number }>>();
    expectTypeOf<Client['list']>().toBeCallableWith();
    expectTypeOf<ReturnType<Client['list']>>().toEqualTypeOf<Promise<string[]>>();
    expectTypeOf<Client['read']>().toBeCallableWith();
    expectTypeOf<ReturnType<Client['read']>>().toEqualTypeOf<Promise<Buffer>>();
  });
  it('calls them by name, and is no promise itself', async () => {
    const called: unknown[] = [];
    const client = createFunctionClient<Functions>(async (...call) => called.push(call));
    await client.reserve({ item: 'lamp' }, { timeoutMs: 5 });
    expect(called).toEqual([['reserve', { item: 'lamp' }, { timeoutMs: 5 }]]);
    expect(await Promise.resolve(client)).toBe(client);
  });
});

interface Message {
  name: string;
}
interface Method<Up extends boolean, Down extends boolean> {
  path: string;
  requestStream: Up;
  responseStream: Down;
  requestSerialize(message: Message): Uint8Array;
  responseDeserialize(bytes: Buffer): Message;
}

describe('a client of a gRPC service', () => {
  it('has the kinds of its methods where the definition’s types tell them', () => {
    type Client = GrpcClient<{
      Reserve: Method<false, false>;
      Watch: Method<false, true>;
      Upload: Method<true, false>;
      Chat: Method<true, true>;
      Unknown: Method<boolean, boolean>;
    }>;
    expectTypeOf<Client['reserve']>().toEqualTypeOf<UnaryMethodClient<Message, Message>>();
    expectTypeOf<Client['watch']>().toEqualTypeOf<ServerStreamClient<Message, Message>>();
    expectTypeOf<Client['upload']>().toEqualTypeOf<ClientStreamClient<Message, Message>>();
    expectTypeOf<Client['chat']>().toEqualTypeOf<BidiStreamClient<Message, Message>>();
    expectTypeOf<Client['unknown']>().toEqualTypeOf<UnaryMethodClient<Message, Message>>();
  });
  it('keeps metadata: text, bytes, repeats', () => {
    const entries = toEntries({ 'X-A': ['1', '2'], 'x-b-bin': Buffer.from([0, 255]) });
    expect(entries).toEqual(['x-a', '1', 'x-a', '2', 'x-b-bin', 'AP8=']);
    expect(fromEntries(entries)).toEqual(
      new Map<string, (string | Buffer)[]>([
        ['x-a', ['1', '2']],
        ['x-b-bin', [Buffer.from([0, 255])]],
      ]),
    );
  });
});
