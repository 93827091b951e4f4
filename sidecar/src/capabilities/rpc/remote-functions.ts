import type { RpcDriver } from '@bottle/capabilities';
import { BottleError, Code, fromWireError, functionsDefinition, type Request } from '@bottle/protos';
import { CALLERS_ENTRY } from '../../call-chains.ts';
import type { RemoteFunctionsConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { Endpoints } from './endpoints.ts';
import { callUnary } from './grpc-call.ts';
import { connectionOf, hostOf } from './grpc-credentials.ts';
import { toMetadata } from './grpc-metadata.ts';

/** The pods of a service answer pings: one that stands still is noticed within this time and a few seconds. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_permit_without_calls': 1 };
const UNLIMITED = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

/** The functions of another service, in its pods: `bottle.v1.Functions`. */
export async function createRemoteFunctions(
  settings: RemoteFunctionsConfig,
  { id, log, chains }: Pick<NamedDriverContext, 'id' | 'log' | 'chains'>,
): Promise<RpcDriver> {
  const { addresses, dns, function: ownFunction = '', tls, policy } = settings;
  const { credentials, channelOptions } = connectionOf(tls, hostOf(dns));
  const options = { ...channelOptions, ...KEEPALIVE, ...UNLIMITED };
  const endpoints = new Endpoints({ id, addresses, dns, credentials, channelOptions: options, log });
  const { Invoke } = functionsDefinition();

  return {
    get problem() {
      return endpoints.problem;
    },
    ping: () => pingEndpoints(endpoints, { id, timeoutMs: policy.timeoutMs }),
    close: async () => endpoints.close(),
    async invoke({ contentType, body }, call) {
      const [, ...names] = call.resource.split('/');
      const target = names.length === 0 ? ownFunction : names.join('/');
      if (target === '') {
        const message = `${call.resource} is a service: name one of its functions, "${call.resource}/<function>"`;
        throw new BottleError(Code.INVALID_ARGUMENT, 'bad-target', message);
      }
      const { timeoutMs, traceparent, baggage, caller, invocationId } = call;
      const request: Request = {
        target,
        invocationId,
        trigger: 'TRIGGER_KIND_EVENT',
        timeoutMs: timeoutMs === 0 ? policy.timeoutMs : Math.min(timeoutMs, policy.timeoutMs),
        contentType,
        traceparent,
        baggage,
        caller,
        body,
      };
      const { callers, leave } = chains.enter(call);
      const unary = {
        id,
        path: Invoke.path,
        message: Invoke.requestSerialize(request),
        metadata: toMetadata([], call, { [CALLERS_ENTRY]: callers.join(',') }),
        timeoutMs: policy.timeoutMs,
      };
      try {
        const answer = await callUnary(endpoints, unary, call);
        const response = Invoke.responseDeserialize(answer.message);
        if (response.error) throw fromWireError(response.error);
        return { contentType: response.value?.contentType ?? '', body: response.body };
      } finally {
        leave();
      }
    },
    unary: () => Promise.reject(notAService(id)),
    stream() {
      throw notAService(id);
    },
  };
}

/** A health check; any answer is one. */
export async function pingEndpoints(
  endpoints: Endpoints,
  { id, timeoutMs }: { id: string; timeoutMs: number },
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const nobody = {
    resource: '',
    caller: '',
    invocationId: '',
    traceparent: '',
    baggage: '',
    readOnly: true,
    timeoutMs,
    signal,
  };
  const path = '/grpc.health.v1.Health/Check';
  const request = { id, path, message: Buffer.alloc(0), metadata: toMetadata([], nobody), timeoutMs };
  await callUnary(endpoints, request, nobody).catch((error: unknown) => {
    if (!(error instanceof BottleError) || error.reason !== 'grpc-error') throw error;
  });
}

function notAService(id: string): BottleError {
  const message = `${id} has the functions of a service: invoke them; \`driver: grpc\` is for gRPC services`;
  return new BottleError(Code.UNIMPLEMENTED, 'no-operation', message);
}
