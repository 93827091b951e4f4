import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Batch as _bottle_v1_Batch, Batch__Output as _bottle_v1_Batch__Output } from './bottle/v1/Batch.ts';
import type { BottleClient as _bottle_v1_BottleClient, BottleDefinition as _bottle_v1_BottleDefinition } from './bottle/v1/Bottle.ts';
import type { Cancel as _bottle_v1_Cancel, Cancel__Output as _bottle_v1_Cancel__Output } from './bottle/v1/Cancel.ts';
import type { CloudEventsTrigger as _bottle_v1_CloudEventsTrigger, CloudEventsTrigger__Output as _bottle_v1_CloudEventsTrigger__Output } from './bottle/v1/CloudEventsTrigger.ts';
import type { CollectRequest as _bottle_v1_CollectRequest, CollectRequest__Output as _bottle_v1_CollectRequest__Output } from './bottle/v1/CollectRequest.ts';
import type { Cors as _bottle_v1_Cors, Cors__Output as _bottle_v1_Cors__Output } from './bottle/v1/Cors.ts';
import type { Count as _bottle_v1_Count, Count__Output as _bottle_v1_Count__Output } from './bottle/v1/Count.ts';
import type { Counts as _bottle_v1_Counts, Counts__Output as _bottle_v1_Counts__Output } from './bottle/v1/Counts.ts';
import type { Error as _bottle_v1_Error, Error__Output as _bottle_v1_Error__Output } from './bottle/v1/Error.ts';
import type { Frame as _bottle_v1_Frame, Frame__Output as _bottle_v1_Frame__Output } from './bottle/v1/Frame.ts';
import type { Function as _bottle_v1_Function, Function__Output as _bottle_v1_Function__Output } from './bottle/v1/Function.ts';
import type { FunctionTable as _bottle_v1_FunctionTable, FunctionTable__Output as _bottle_v1_FunctionTable__Output } from './bottle/v1/FunctionTable.ts';
import type { GatewayTrigger as _bottle_v1_GatewayTrigger, GatewayTrigger__Output as _bottle_v1_GatewayTrigger__Output } from './bottle/v1/GatewayTrigger.ts';
import type { Goodbye as _bottle_v1_Goodbye, Goodbye__Output as _bottle_v1_Goodbye__Output } from './bottle/v1/Goodbye.ts';
import type { Hello as _bottle_v1_Hello, Hello__Output as _bottle_v1_Hello__Output } from './bottle/v1/Hello.ts';
import type { HttpRequest as _bottle_v1_HttpRequest, HttpRequest__Output as _bottle_v1_HttpRequest__Output } from './bottle/v1/HttpRequest.ts';
import type { HttpResponse as _bottle_v1_HttpResponse, HttpResponse__Output as _bottle_v1_HttpResponse__Output } from './bottle/v1/HttpResponse.ts';
import type { HttpRoute as _bottle_v1_HttpRoute, HttpRoute__Output as _bottle_v1_HttpRoute__Output } from './bottle/v1/HttpRoute.ts';
import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from './bottle/v1/Idempotency.ts';
import type { LeftOutValues as _bottle_v1_LeftOutValues, LeftOutValues__Output as _bottle_v1_LeftOutValues__Output } from './bottle/v1/LeftOutValues.ts';
import type { LongestTurn as _bottle_v1_LongestTurn, LongestTurn__Output as _bottle_v1_LongestTurn__Output } from './bottle/v1/LongestTurn.ts';
import type { MqTrigger as _bottle_v1_MqTrigger, MqTrigger__Output as _bottle_v1_MqTrigger__Output } from './bottle/v1/MqTrigger.ts';
import type { Over as _bottle_v1_Over, Over__Output as _bottle_v1_Over__Output } from './bottle/v1/Over.ts';
import type { Ping as _bottle_v1_Ping, Ping__Output as _bottle_v1_Ping__Output } from './bottle/v1/Ping.ts';
import type { Pong as _bottle_v1_Pong, Pong__Output as _bottle_v1_Pong__Output } from './bottle/v1/Pong.ts';
import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from './bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from './bottle/v1/Response.ts';
import type { RpcTrigger as _bottle_v1_RpcTrigger, RpcTrigger__Output as _bottle_v1_RpcTrigger__Output } from './bottle/v1/RpcTrigger.ts';
import type { Started as _bottle_v1_Started, Started__Output as _bottle_v1_Started__Output } from './bottle/v1/Started.ts';
import type { Taken as _bottle_v1_Taken, Taken__Output as _bottle_v1_Taken__Output } from './bottle/v1/Taken.ts';
import type { TargetCount as _bottle_v1_TargetCount, TargetCount__Output as _bottle_v1_TargetCount__Output } from './bottle/v1/TargetCount.ts';
import type { TimerTrigger as _bottle_v1_TimerTrigger, TimerTrigger__Output as _bottle_v1_TimerTrigger__Output } from './bottle/v1/TimerTrigger.ts';
import type { Value as _bottle_v1_Value, Value__Output as _bottle_v1_Value__Output } from './bottle/v1/Value.ts';
import type { Welcome as _bottle_v1_Welcome, Welcome__Output as _bottle_v1_Welcome__Output } from './bottle/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  bottle: {
    v1: {
      Batch: MessageTypeDefinition<_bottle_v1_Batch, _bottle_v1_Batch__Output>
      /**
       * Served by the sidecar on sidecar.sock, called by the function container. The methods of the capabilities
       * (bottle.v1.Cache, Database, MessageQueue, Rpc, Http, Config, Lock) stand beside it on the same socket.
       */
      Bottle: SubtypeConstructor<typeof grpc.Client, _bottle_v1_BottleClient> & { service: _bottle_v1_BottleDefinition }
      Cancel: MessageTypeDefinition<_bottle_v1_Cancel, _bottle_v1_Cancel__Output>
      CloudEventsTrigger: MessageTypeDefinition<_bottle_v1_CloudEventsTrigger, _bottle_v1_CloudEventsTrigger__Output>
      CollectRequest: MessageTypeDefinition<_bottle_v1_CollectRequest, _bottle_v1_CollectRequest__Output>
      Cors: MessageTypeDefinition<_bottle_v1_Cors, _bottle_v1_Cors__Output>
      Count: MessageTypeDefinition<_bottle_v1_Count, _bottle_v1_Count__Output>
      Counts: MessageTypeDefinition<_bottle_v1_Counts, _bottle_v1_Counts__Output>
      Error: MessageTypeDefinition<_bottle_v1_Error, _bottle_v1_Error__Output>
      Frame: MessageTypeDefinition<_bottle_v1_Frame, _bottle_v1_Frame__Output>
      Function: MessageTypeDefinition<_bottle_v1_Function, _bottle_v1_Function__Output>
      FunctionState: EnumTypeDefinition
      FunctionTable: MessageTypeDefinition<_bottle_v1_FunctionTable, _bottle_v1_FunctionTable__Output>
      GatewayTrigger: MessageTypeDefinition<_bottle_v1_GatewayTrigger, _bottle_v1_GatewayTrigger__Output>
      Goodbye: MessageTypeDefinition<_bottle_v1_Goodbye, _bottle_v1_Goodbye__Output>
      Hello: MessageTypeDefinition<_bottle_v1_Hello, _bottle_v1_Hello__Output>
      HttpRequest: MessageTypeDefinition<_bottle_v1_HttpRequest, _bottle_v1_HttpRequest__Output>
      HttpResponse: MessageTypeDefinition<_bottle_v1_HttpResponse, _bottle_v1_HttpResponse__Output>
      HttpRoute: MessageTypeDefinition<_bottle_v1_HttpRoute, _bottle_v1_HttpRoute__Output>
      Idempotency: MessageTypeDefinition<_bottle_v1_Idempotency, _bottle_v1_Idempotency__Output>
      LeftOutValues: MessageTypeDefinition<_bottle_v1_LeftOutValues, _bottle_v1_LeftOutValues__Output>
      LongestTurn: MessageTypeDefinition<_bottle_v1_LongestTurn, _bottle_v1_LongestTurn__Output>
      MqTrigger: MessageTypeDefinition<_bottle_v1_MqTrigger, _bottle_v1_MqTrigger__Output>
      Over: MessageTypeDefinition<_bottle_v1_Over, _bottle_v1_Over__Output>
      Ping: MessageTypeDefinition<_bottle_v1_Ping, _bottle_v1_Ping__Output>
      Pong: MessageTypeDefinition<_bottle_v1_Pong, _bottle_v1_Pong__Output>
      Request: MessageTypeDefinition<_bottle_v1_Request, _bottle_v1_Request__Output>
      Response: MessageTypeDefinition<_bottle_v1_Response, _bottle_v1_Response__Output>
      RpcTrigger: MessageTypeDefinition<_bottle_v1_RpcTrigger, _bottle_v1_RpcTrigger__Output>
      Started: MessageTypeDefinition<_bottle_v1_Started, _bottle_v1_Started__Output>
      Taken: MessageTypeDefinition<_bottle_v1_Taken, _bottle_v1_Taken__Output>
      TargetCount: MessageTypeDefinition<_bottle_v1_TargetCount, _bottle_v1_TargetCount__Output>
      TimerTrigger: MessageTypeDefinition<_bottle_v1_TimerTrigger, _bottle_v1_TimerTrigger__Output>
      TriggerKind: EnumTypeDefinition
      Value: MessageTypeDefinition<_bottle_v1_Value, _bottle_v1_Value__Output>
      Welcome: MessageTypeDefinition<_bottle_v1_Welcome, _bottle_v1_Welcome__Output>
    }
  }
}

