import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Error as WireError, Error__Output } from '../generated/bottle/v1/Error.ts';
import { BottleError, Code, codeOfStatus, fromWireError, GRPC_STATUS, toWireError } from '../errors.ts';
import type { Codec } from '../wire/codec.ts';

/** Where a failed gRPC call carries its bottle.v1.Error. */
const ERROR_TRAILER = 'bottle-error-bin';

type ErrorCodec = Codec<WireError, Error__Output>;

/** How an error ends a gRPC call between the two processes: its trailer carries it whole. */
export function statusOfError(error: BottleError, codec: ErrorCodec) {
  const metadata = new Metadata();
  metadata.set(ERROR_TRAILER, codec.encode(toWireError(error)));
  return { code: GRPC_STATUS[error.code], details: error.message, metadata };
}

/**
 * Ends a server's stream with an error. Not by `destroy`: a destroyed stream sends no status, and its client waits for
 * ever.
 */
export function failStream(
  stream: { cancelled: boolean; emit(event: 'error', status: object): unknown },
  error: BottleError,
  codec: ErrorCodec,
): void {
  if (!stream.cancelled) stream.emit('error', statusOfError(error, codec));
}

/** What the other process ended a call with; `connection-lost` when it did not get to say. */
export function errorOfStatus(error: ServiceError, codec: ErrorCodec): BottleError {
  const [trailer] = error.metadata?.get(ERROR_TRAILER) ?? [];
  if (Buffer.isBuffer(trailer)) return fromWireError(codec.decode(trailer));
  const code = codeOfStatus(error.code);
  const reason =
    code === Code.DEADLINE_EXCEEDED ? 'deadline' : code === Code.CANCELLED ? 'cancelled' : 'connection-lost';
  return new BottleError(code, reason, error.details);
}
