import { BottleError, Code } from '@bottle/protos';
import {
  errorOfCancel,
  type HttpHead,
  type HttpProtocol,
  type Invocation,
  type ProtocolRequest,
  type UnreadBody,
} from '../layer.ts';
import type { HttpExchange } from './http-exchange.ts';

export interface ProtocolExchange {
  invocation: Invocation;
  exchange: HttpExchange;
  http: HttpHead;
  limits: { maxBodyBytes: number; requestTimeoutMs: number };
}

/** Has a protocol answer a request; returns what it told the client to be wrong. */
export async function answerByProtocol(
  protocol: HttpProtocol,
  { invocation, exchange, http, limits }: ProtocolExchange,
): Promise<BottleError | undefined> {
  const { id, body, traceparent, baggage, callerTimeoutMs = 0 } = invocation;
  const left = new AbortController();
  invocation.onCancel = (reason) => {
    const error = reason === 'deadline' ? bodyTimeout() : errorOfCancel(reason);
    body.abandon(error);
    left.abort(error);
  };
  const request: ProtocolRequest = {
    id,
    http,
    traceparent,
    baggage,
    timeoutMs: callerTimeoutMs,
    signal: left.signal,
    header(name) {
      const value = exchange.request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    async readBody() {
      invocation.setTimeout(limits.requestTimeoutMs);
      const bytes = await collect(body, limits.maxBodyBytes);
      invocation.clearDeadline(); // from here on it is the function's
      return bytes;
    },
  };
  const { functionName, error, response } = await protocol.answer(request);
  invocation.functionName = functionName;
  if (response) await exchange.answerWith(response);
  else if (error) exchange.fail(error, id);
  return error;
}

/** The whole body. A stream is what is larger than the limit: it throws where it passes it. */
async function collect(body: UnreadBody, limitBytes: number): Promise<Buffer> {
  const read = await body.read(limitBytes === 0 ? Number.POSITIVE_INFINITY : limitBytes, limitBytes);
  if (read.kind === 'bytes') return read.bytes;
  const chunks: Uint8Array[] = [];
  for await (const chunk of read.stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function bodyTimeout(): BottleError {
  const message = 'the request body did not arrive before the deadline';
  return new BottleError(Code.DEADLINE_EXCEEDED, 'body-timeout', message, { httpStatus: 408 });
}
