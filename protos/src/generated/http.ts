import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { HttpClient as _bottle_v1_HttpClient, HttpDefinition as _bottle_v1_HttpDefinition } from './bottle/v1/Http.ts';
import type { HttpFetchFrame as _bottle_v1_HttpFetchFrame, HttpFetchFrame__Output as _bottle_v1_HttpFetchFrame__Output } from './bottle/v1/HttpFetchFrame.ts';
import type { HttpFetchRequest as _bottle_v1_HttpFetchRequest, HttpFetchRequest__Output as _bottle_v1_HttpFetchRequest__Output } from './bottle/v1/HttpFetchRequest.ts';
import type { HttpFetchResponse as _bottle_v1_HttpFetchResponse, HttpFetchResponse__Output as _bottle_v1_HttpFetchResponse__Output } from './bottle/v1/HttpFetchResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      /**
       * HTTP requests to named upstreams.
       */
      Http: SubtypeConstructor<typeof grpc.Client, _bottle_v1_HttpClient> & { service: _bottle_v1_HttpDefinition }
      HttpFetchFrame: MessageTypeDefinition<_bottle_v1_HttpFetchFrame, _bottle_v1_HttpFetchFrame__Output>
      HttpFetchRequest: MessageTypeDefinition<_bottle_v1_HttpFetchRequest, _bottle_v1_HttpFetchRequest__Output>
      HttpFetchResponse: MessageTypeDefinition<_bottle_v1_HttpFetchResponse, _bottle_v1_HttpFetchResponse__Output>
    }
  }
}

