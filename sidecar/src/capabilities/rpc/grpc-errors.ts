import { BottleError, Code, codeOfStatus, decodeRichStatus, STATUS_DETAILS_TRAILER } from '@bottle/protos';
import { type ServiceError, status } from '@grpc/grpc-js';
import { fromMetadata } from './grpc-metadata.ts';

/** Trailers beyond are left out of an error: it travels in a header itself. */
const MAX_METADATA_CHARS = 8 * 1024;

export interface FailedCall {
  /** "rpc.stock" */
  id: string;
  signal: AbortSignal;
  /** The deadline was the resource's, not the caller's. */
  limitedByPolicy: boolean;
}

/**
 * What a gRPC call failed with. `grpc-error` is what the server said, with `details.grpcCode` and its trailer in
 * `details.metadata`; where the server sent a rich status, `details.errorInfo` and `details.fieldViolations` have what it
 * says. The others mean that it said nothing.
 */
export function fromGrpcError(error: ServiceError, { id, signal, limitedByPolicy }: FailedCall): BottleError {
  if (signal.aborted) return BottleError.from(signal.reason);
  const code = codeOfStatus(error.code);
  const fromServer = Object.keys(error.metadata?.getMap() ?? {}).length > 0;
  if (!fromServer && isLost(error)) {
    const started = !/^(No connection established|Name resolution failed)|refused by server/.test(error.details);
    const driverCode = /\bE[A-Z]{4,}\b/.exec(error.details)?.[0] ?? 'UNAVAILABLE';
    const reason = started ? 'connection-lost' : 'resource-unavailable';
    const message = started ? `the connection to ${id} broke` : `${id} cannot be reached: ${driverCode}`;
    return new BottleError(Code.UNAVAILABLE, reason, message, { details: { driverCode, started } });
  }
  if (!fromServer && error.code === status.DEADLINE_EXCEEDED) {
    const reason = limitedByPolicy ? 'resource-timeout' : 'deadline';
    const message = limitedByPolicy ? `${id} did not answer in time` : 'the deadline has passed';
    return new BottleError(Code.DEADLINE_EXCEEDED, reason, message);
  }
  const details = { grpcCode: error.code, metadata: metadataOf(error), ...richDetailsOf(error) };
  return new BottleError(code, 'grpc-error', error.details, { details });
}

/** A google.rpc.ErrorInfo and the violations of a google.rpc.BadRequest. */
function richDetailsOf({ metadata }: ServiceError): object {
  const [bytes] = metadata?.get(STATUS_DETAILS_TRAILER) ?? [];
  const status = bytes instanceof Buffer ? decodeRichStatus(bytes) : undefined;
  if (!status) return {};
  const { violations, ...errorInfo } = status;
  return {
    ...(errorInfo.reason === '' ? {} : { errorInfo }),
    ...(violations.length === 0 ? {} : { fieldViolations: violations }),
  };
}

/** No status came: the connection broke, or the server reset the call without a word. */
function isLost({ code, details }: ServiceError): boolean {
  return code === status.UNAVAILABLE || code === status.CANCELLED || /RST_STREAM/.test(details);
}

function metadataOf({ metadata }: ServiceError): Record<string, string[]> {
  const entries = fromMetadata(metadata);
  const result: Record<string, string[]> = {};
  let chars = 0;
  for (let at = 0; at < entries.length; at += 2) {
    const [name = '', value = ''] = [entries[at], entries[at + 1]];
    chars += name.length + value.length;
    if (chars > MAX_METADATA_CHARS) break;
    (result[name] ??= []).push(value);
  }
  return result;
}
