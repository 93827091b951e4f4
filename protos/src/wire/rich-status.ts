// Errors as gRPC's richer error model has them: a google.rpc.Status in the trailer `grpc-status-details-bin`, with a
// google.rpc.ErrorInfo, and a google.rpc.BadRequest and RetryInfo where they apply. Field numbers are those of
// google/rpc/status.proto and error_details.proto.
import { type BottleError, GRPC_STATUS } from '../errors.ts';
import { toJson } from '../json/to-json.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** The trailer that carries it. */
export const STATUS_DETAILS_TRAILER = 'grpc-status-details-bin';

const TYPE_PREFIX = 'type.googleapis.com/google.rpc.';
/** What the details may take of a trailer, in characters: many clients take 8 KiB of headers at most. */
const MAX_DETAIL_CHARS = 3 * 1024;

/** What one problem with a request is. */
export interface FieldViolation {
  /** "items.0.quantity" */
  field: string;
  description: string;
}

/** The parts of a rich status that we know. */
export interface RichStatus {
  reason: string;
  domain: string;
  metadata: Record<string, string>;
  violations: FieldViolation[];
}

/**
 * The status of an error. `details.issues` and `details.problems`, lists of `{ path | field, message }`, become field
 * violations, `details.retryAfterSec` a RetryInfo, all other details metadata of the ErrorInfo. `domain` says whose reasons these are: the service's name.
 */
export function encodeRichStatus(error: BottleError, domain: string, message: string): Buffer {
  const { issues, problems, retryAfterSec, ...rest } = error.details;
  const budget = { chars: MAX_DETAIL_CHARS };
  const violations = [...violationsOf(issues), ...violationsOf(problems)].filter(({ field, description }) =>
    spend(budget, field, description),
  );
  const writer = new WireWriter(1024);
  writer.uint32(1, GRPC_STATUS[error.code]);
  writer.string(2, message);
  any(writer, 'ErrorInfo', () => {
    writer.string(1, error.reason);
    writer.string(2, domain);
    for (const [key, value] of Object.entries(rest)) {
      const text = typeof value === 'string' ? value : (toJson(value) ?? '');
      if (spend(budget, key, text)) nested(writer, 3, () => writeEntry(writer, key, text));
    }
  });
  if (violations.length > 0) {
    any(writer, 'BadRequest', () => {
      for (const { field, description } of violations) nested(writer, 1, () => writeEntry(writer, field, description));
    });
  }
  if (typeof retryAfterSec === 'number' && retryAfterSec > 0) {
    any(writer, 'RetryInfo', () => nested(writer, 1, () => writer.uint64(1, Math.ceil(retryAfterSec))));
  }
  return writer.finish();
}

/** What somebody's status says; undefined when it has no ErrorInfo and no BadRequest, or is none. */
export function decodeRichStatus(bytes: Buffer): RichStatus | undefined {
  const status: RichStatus = { reason: '', domain: '', metadata: {}, violations: [] };
  try {
    const reader = new WireReader(bytes);
    while (reader.next()) {
      if (reader.field === 3) readDetail(reader.message(), status);
      else reader.skip();
    }
  } catch {
    return undefined; // another server's bytes: they may be anything
  }
  return status.reason === '' && status.violations.length === 0 ? undefined : status;
}

function violationsOf(issues: unknown): FieldViolation[] {
  if (!Array.isArray(issues)) return [];
  return issues.flatMap((issue: unknown) => {
    const { path, field = path, message } = (issue ?? {}) as { path?: unknown; field?: unknown; message?: unknown };
    return typeof message === 'string' ? [{ field: typeof field === 'string' ? field : '', description: message }] : [];
  });
}

function spend(budget: { chars: number }, ...texts: readonly string[]): boolean {
  const chars = texts.reduce((total, text) => total + text.length, 0);
  if (chars > budget.chars) return false;
  budget.chars -= chars;
  return true;
}

/** An element of `details`: a google.protobuf.Any. */
function any(writer: WireWriter, name: string, write: () => void): void {
  nested(writer, 3, () => {
    writer.string(1, TYPE_PREFIX + name);
    nested(writer, 2, write);
  });
}

function nested(writer: WireWriter, field: number, write: () => void): void {
  const start = writer.beginMessage(field);
  write();
  writer.endMessage(start);
}

/** Both a map's entry and a FieldViolation are two texts. */
function writeEntry(writer: WireWriter, first: string, second: string): void {
  writer.string(1, first);
  writer.string(2, second);
}

function readDetail(reader: WireReader, status: RichStatus): void {
  let type = '';
  let value: WireReader | undefined;
  while (reader.next()) {
    if (reader.field === 1) type = reader.string();
    else if (reader.field === 2) value = reader.message();
    else reader.skip();
  }
  if (!value) return;
  if (type.endsWith('/google.rpc.ErrorInfo')) readErrorInfo(value, status);
  else if (type.endsWith('/google.rpc.BadRequest')) readBadRequest(value, status);
}

function readErrorInfo(reader: WireReader, status: RichStatus): void {
  while (reader.next()) {
    if (reader.field === 1) status.reason = reader.string();
    else if (reader.field === 2) status.domain = reader.string();
    else if (reader.field === 3) {
      const [key, value] = readEntry(reader.message());
      status.metadata[key] = value;
    } else reader.skip();
  }
}

function readBadRequest(reader: WireReader, status: RichStatus): void {
  while (reader.next()) {
    if (reader.field === 1) {
      const [field, description] = readEntry(reader.message());
      status.violations.push({ field, description });
    } else reader.skip();
  }
}

function readEntry(reader: WireReader): [string, string] {
  const entry: [string, string] = ['', ''];
  while (reader.next()) {
    if (reader.field === 1) entry[0] = reader.string();
    else if (reader.field === 2) entry[1] = reader.string();
    else reader.skip();
  }
  return entry;
}
