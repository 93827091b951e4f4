import { makeClientConstructor } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import type { BottleClient, BottleDefinition } from './generated/bottle/v1/Bottle.ts';
import type { Error as WireError, Error__Output } from './generated/bottle/v1/Error.ts';
import type { FunctionRuntimeClient, FunctionRuntimeDefinition } from './generated/bottle/v1/FunctionRuntime.ts';
import { loadProtos } from './load.ts';
import { type Codec, createCodecs } from './wire/codec.ts';

type ClientConstructor<Client> = new (
  ...args: ConstructorParameters<ReturnType<typeof makeClientConstructor>>
) => Client;

/** What a process of the pod needs to serve or call the two services. */
export interface Services {
  functionRuntime: FunctionRuntimeDefinition;
  FunctionRuntimeClient: ClientConstructor<FunctionRuntimeClient>;
  bottle: BottleDefinition;
  BottleClient: ClientConstructor<BottleClient>;
  /** An error in the trailer of a failed call. */
  error: Codec<WireError, Error__Output>;
}

/** Loads the contract and puts the fast codecs in place of proto-loader's where a request passes. */
export function loadServices(): Services {
  const { definition } = loadProtos();
  const codecs = createCodecs(definition);
  const loadedRuntime = definition['bottle.v1.FunctionRuntime'] as unknown as FunctionRuntimeDefinition;
  const loadedBottle = definition['bottle.v1.Bottle'] as unknown as BottleDefinition;
  const functionRuntime: FunctionRuntimeDefinition = {
    Connect: withCodecs(loadedRuntime.Connect, codecs.batch, codecs.batch),
    Invoke: withCodecs(loadedRuntime.Invoke, codecs.request, codecs.response),
    Stream: withCodecs(loadedRuntime.Stream, codecs.streamFrame, codecs.streamResponse),
    Ping: loadedRuntime.Ping,
  };
  const bottle: BottleDefinition = {
    Ping: loadedBottle.Ping,
    Connect: withCodecs(loadedBottle.Connect, codecs.batch, codecs.batch),
    Call: withCodecs(loadedBottle.Call, codecs.request, codecs.response),
    Collect: {
      ...loadedBottle.Collect,
      responseSerialize: codecs.response.encode,
      responseDeserialize: codecs.response.decode,
    },
  };
  return {
    functionRuntime,
    FunctionRuntimeClient: clientOf<FunctionRuntimeClient>(functionRuntime, 'bottle.v1.FunctionRuntime'),
    bottle,
    BottleClient: clientOf<BottleClient>(bottle, 'bottle.v1.Bottle'),
    error: codecs.error,
  };
}

function withCodecs<Request, RequestOutput, Response, ResponseOutput>(
  method: MethodDefinition<Request, Response, RequestOutput, ResponseOutput>,
  request: Codec<Request, RequestOutput>,
  response: Codec<Response, ResponseOutput>,
): MethodDefinition<Request, Response, RequestOutput, ResponseOutput> {
  return {
    ...method,
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
}

function clientOf<Client>(
  service: FunctionRuntimeDefinition | BottleDefinition,
  name: string,
): ClientConstructor<Client> {
  return makeClientConstructor(service, name) as unknown as ClientConstructor<Client>;
}
