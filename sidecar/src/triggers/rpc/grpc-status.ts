import { type BottleError, encodeRichStatus, GRPC_STATUS, STATUS_DETAILS_TRAILER } from '@bottle/protos';
import type { Metadata } from '@grpc/grpc-js';

/** Clients take a few KiB of trailers; the text is a part of them twice. */
const MAX_MESSAGE_CHARS = 1_000;

/** A failure as the server's library sends it. */
export interface Status {
  code: number;
  details: string;
  metadata: Metadata;
}

/** When a client that repeats calls by itself may come again (gRFC A6). */
const PUSHBACK_TRAILER = 'grpc-retry-pushback-ms';

/**
 * An error as a gRPC client gets it: its code, its text, and added to its trailer the reason with all details. `domain` is
 * the service whose reasons these are.
 */
export function statusOf(error: BottleError, domain: string, trailer: Metadata): Status {
  const details = error.message.toWellFormed().slice(0, MAX_MESSAGE_CHARS).toWellFormed();
  trailer.set(STATUS_DETAILS_TRAILER, encodeRichStatus(error, domain, details));
  const { retryAfterSec } = error.details;
  if (typeof retryAfterSec === 'number') trailer.set(PUSHBACK_TRAILER, String(retryAfterSec * 1_000));
  return { code: GRPC_STATUS[error.code], details, metadata: trailer };
}
