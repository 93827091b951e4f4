import { definitionOf } from '@bottle/protos';
import { jsonOf } from '../json-of.ts';
import { type CallOptions, ResourceCalls } from '../resource-calls.ts';
import type { BottleScope } from '../scope.ts';
import { createFunctionClient, type FunctionClient } from './functions-client.ts';
import type { GrpcClient, GrpcServiceDefinition } from './grpc-client.ts';
import { clientOfDefinition, clientOfProto, type ProtoSource } from './service-client.ts';

export interface RpcClient {
  /**
   * Calls another function with an event and returns its result: one of this pod by its name, one of another service by
   * `<service>/<function>`. Bytes travel as they are, everything else as JSON. Deadline, trace and cancellation come
   * along. Throws BottleError: what the function threw, or why it could not be called.
   */
  invoke<Result = unknown>(functionName: string, event?: unknown, options?: CallOptions): Promise<Result>;
  /**
   * A client with the functions' own names and types, of another service or, without its name, of this pod. After
   * `import type * as stock from '../stock/functions.ts'`:
   * `bottle.rpc.functions<typeof stock>('stock').reserve({ item: 'lamp' })`.
   */
  functions<Functions>(service?: string): FunctionClient<Functions>;
  /** A client of a gRPC service, from a definition with codecs. */
  service<Definition extends object, Client extends object = GrpcClient<Definition>>(
    resource: string,
    definition: Definition,
  ): Readonly<Client>;
  /**
   * A client of a gRPC service, from its .proto file. Longs and enums are strings, bytes are Buffers, fields are in
   * camel case. Its type is what the caller says:
   * `bottle.rpc.proto<{ reserve: UnaryMethodClient<Reserve, Reserved> }>('stock', { file, service: 'shop.Stock' })`.
   */
  proto<Client extends object>(resource: string, source: ProtoSource): Readonly<Client>;
}

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';

export function rpcClient(scopeOf: () => BottleScope): RpcClient {
  const callsOf = (resource: string): ResourceCalls => new ResourceCalls(scopeOf, 'rpc', resource);

  async function invoke(functionName: string, event?: unknown, options?: CallOptions): Promise<unknown> {
    const request = { contentType: event instanceof Uint8Array ? BYTES_TYPE : JSON_TYPE, body: bytesOf(event) };
    const { contentType, body } = await callsOf(functionName).unary(definitionOf('rpc').Invoke, request, options);
    if (contentType !== '' && !contentType.startsWith(JSON_TYPE)) return body;
    return body.length === 0 ? undefined : JSON.parse(body.toString());
  }

  return {
    invoke: invoke as RpcClient['invoke'],
    functions(service) {
      const prefix = service === undefined ? '' : `${service}/`;
      return createFunctionClient((name, event, options) => invoke(prefix + name, event, options));
    },
    service: (resource, definition) =>
      clientOfDefinition(callsOf(resource), definition as unknown as GrpcServiceDefinition) as never,
    proto: (resource, source) => clientOfProto(callsOf(resource), source) as never,
  };
}

function bytesOf(event: unknown): Uint8Array {
  if (event instanceof Uint8Array) return event;
  return event === undefined ? Buffer.alloc(0) : Buffer.from(jsonOf(event));
}
