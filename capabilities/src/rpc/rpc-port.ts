import type { RpcCall, RpcFrame, RpcFrame__Output, RpcPayload, RpcPayload__Output, RpcReply } from '@bottle/protos';
import type { CallContext, Driver } from '../capability.ts';

/** What an rpc driver does. A driver answers UNIMPLEMENTED to what its kind of target cannot. */
export interface RpcDriver extends Driver {
  /** Invokes a function; `call.resource` is its name, after the service's and a slash where there is one. */
  invoke(event: RpcPayload__Output, call: CallContext): Promise<RpcPayload>;
  /** One call of a unary gRPC method. */
  unary(request: RpcCall, call: CallContext): Promise<RpcReply>;
  /** One call of a gRPC method of any kind. */
  stream(frames: AsyncIterable<RpcFrame__Output>, call: CallContext): AsyncIterable<RpcFrame>;
}
