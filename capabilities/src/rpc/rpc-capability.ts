import {
  framesUntilEnd,
  type RpcCall__Output,
  type RpcFrame,
  type RpcFrame__Output,
  type RpcPayload,
  type RpcPayload__Output,
  type RpcReply,
} from '@bottle/protos';
import type { Capability, StreamMethod, UnaryMethod } from '../capability.ts';
import type { RpcDriver } from './rpc-port.ts';

/** Invoking is never repeated here: the path to the function repeats what is safe by itself. */
const invoke: UnaryMethod<RpcDriver, RpcPayload__Output, RpcPayload> = {
  kind: 'unary',
  facts: () => ({ operation: 'invoke', access: 'invoke', repeatable: false }),
  serve: (driver, event, call) => driver.invoke(event, call),
};

const unary: UnaryMethod<RpcDriver, RpcCall__Output, RpcReply> = {
  kind: 'unary',
  facts: ({ method, idempotent }) => ({ operation: method, access: 'invoke', repeatable: idempotent }),
  serve: (driver, request, call) => driver.unary(request, call),
};

const stream: StreamMethod<RpcDriver, RpcFrame__Output, RpcFrame> = {
  kind: 'stream',
  facts: { operation: 'stream', access: 'invoke', repeatable: false },
  isLasting: true,
  serve: (driver, frames, call) => driver.stream(framesUntilEnd(frames), call),
};

/** Functions and gRPC services. */
export const rpcCapability: Capability<RpcDriver> = {
  name: 'rpc',
  accesses: ['invoke'],
  methods: { invoke, unary, stream },
};
