import type { ErrorReport } from './develop/error-report.ts';
import { parseExactJson } from './json/parse-exact-json.ts';
import { toJson } from './json/to-json.ts';
import type { Error as WireError, Error__Output as WireErrorOutput } from './generated/bottle/v1/Error.ts';

/** The sixteen gRPC error codes, by name. */
export const Code = {
  CANCELLED: 'CANCELLED',
  UNKNOWN: 'UNKNOWN',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  NOT_FOUND: 'NOT_FOUND',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  PERMISSION_DENIED: 'PERMISSION_DENIED',
  RESOURCE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  FAILED_PRECONDITION: 'FAILED_PRECONDITION',
  ABORTED: 'ABORTED',
  OUT_OF_RANGE: 'OUT_OF_RANGE',
  UNIMPLEMENTED: 'UNIMPLEMENTED',
  INTERNAL: 'INTERNAL',
  UNAVAILABLE: 'UNAVAILABLE',
  DATA_LOSS: 'DATA_LOSS',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
} as const;

export type Code = (typeof Code)[keyof typeof Code];

/** The numbers of the gRPC specification (doc/statuscodes.md). */
export const GRPC_STATUS = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const satisfies Record<Code, number>;

/** HTTP statuses, as google.rpc.Code documents them; CANCELLED is nginx's 499. */
export const HTTP_STATUS = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
} as const satisfies Record<Code, number>;

/** Whether the same call may succeed when it is sent again unchanged, later. */
export const RETRYABLE = {
  CANCELLED: false,
  UNKNOWN: false,
  INVALID_ARGUMENT: false,
  DEADLINE_EXCEEDED: false,
  NOT_FOUND: false,
  ALREADY_EXISTS: false,
  PERMISSION_DENIED: false,
  RESOURCE_EXHAUSTED: true,
  FAILED_PRECONDITION: false,
  ABORTED: true,
  OUT_OF_RANGE: false,
  UNIMPLEMENTED: false,
  INTERNAL: false,
  UNAVAILABLE: true,
  DATA_LOSS: false,
  UNAUTHENTICATED: false,
} as const satisfies Record<Code, boolean>;

/** What waiting does not help against, although something is exhausted. */
export const LASTING_REASONS: ReadonlySet<string> = new Set([
  'message-too-large',
  'object-too-large',
  'objects-full',
  'result-too-large',
  'too-many-keys',
  'too-many-locks',
  'too-many-resources',
]);

const CODE_BY_STATUS = new Map<number, Code>(
  Object.entries(GRPC_STATUS).map(([code, status]) => [status, code as Code]),
);

/** The code with a gRPC number; numbers outside 1–16 are UNKNOWN. */
export function codeOfStatus(status: number): Code {
  return CODE_BY_STATUS.get(status) ?? Code.UNKNOWN;
}

/** The code that fits an HTTP error status best; the reverse of HTTP_STATUS where that is one to one. */
export function codeOfHttpStatus(status: number): Code {
  const exact = CODE_BY_HTTP_STATUS.get(status);
  if (exact) return exact;
  return status < 500 ? Code.FAILED_PRECONDITION : Code.INTERNAL;
}

const CODE_BY_HTTP_STATUS = new Map<number, Code>([
  [400, Code.INVALID_ARGUMENT],
  [401, Code.UNAUTHENTICATED],
  [403, Code.PERMISSION_DENIED],
  [404, Code.NOT_FOUND],
  [408, Code.DEADLINE_EXCEEDED],
  [409, Code.ABORTED],
  [429, Code.RESOURCE_EXHAUSTED],
  [499, Code.CANCELLED],
  [501, Code.UNIMPLEMENTED],
  [503, Code.UNAVAILABLE],
  [504, Code.DEADLINE_EXCEEDED],
]);

export interface BottleErrorOptions {
  /** The HTTP status to answer with, where the code's own is too coarse. */
  httpStatus?: number | undefined;
  /** Further fields for the caller; must be JSON. Never secrets: they reach the client. */
  details?: Readonly<Record<string, unknown>>;
  /** What led to it. Logged where the error is handled, never sent. */
  cause?: unknown;
  /** What the developer gets to see of it; while somebody develops, and only then. */
  report?: ErrorReport | undefined;
}

/**
 * The one error of the platform: a gRPC code, a machine-readable reason (kebab-case, listed in docs/errors.md) and a
 * sentence for people.
 */
export class BottleError extends Error {
  override readonly name = 'BottleError';
  readonly code: Code;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly httpStatus: number;
  readonly report: ErrorReport | undefined;

  constructor(code: Code, reason: string, message: string, options: BottleErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.details = options.details ?? {};
    this.httpStatus = options.httpStatus ?? HTTP_STATUS[code];
    this.report = options.report;
  }

  get retryable(): boolean {
    return RETRYABLE[this.code] && !LASTING_REASONS.has(this.reason);
  }

  /** The same error with these details, too. */
  withDetails(details: Readonly<Record<string, unknown>>): BottleError {
    const { code, reason, message, httpStatus, cause, report } = this;
    return new BottleError(code, reason, message, {
      details: { ...this.details, ...details },
      httpStatus,
      cause,
      report,
    });
  }

  /** Any thrown value as a BottleError; what is not one already becomes an INTERNAL "internal error" with a cause. */
  static from(thrown: unknown): BottleError {
    if (thrown instanceof BottleError) return thrown;
    return new BottleError(Code.INTERNAL, 'internal', 'internal error', { cause: thrown });
  }
}

/**
 * What a bottle call that failed has done all the same. `not-done`: nothing. `unknown`: perhaps all of it, and nobody who was
 * asked can tell. `done`: what it was for; only its answer could not be given.
 */
export type CallOutcome = 'not-done' | 'unknown' | 'done';

const AWAY_REASONS: ReadonlySet<string> = new Set(['breaker-open', 'resource-unavailable']);

/**
 * A bottle call was refused because its resource cannot be reached: nothing was done, and another call would fare no better. An
 * upstream has many hosts and no standing connection: that one of them cannot be reached says nothing of the others, until
 * the breaker opens.
 */
export function saysResourceIsAway({ reason, details }: BottleError): boolean {
  if (!AWAY_REASONS.has(reason) || details['outcome'] !== 'not-done') return false;
  return reason === 'breaker-open' || !String(details['resource']).startsWith('http.');
}

/** Failures of those who were asked to do something, and not refusals: after them nobody knows. */
const UNCERTAIN_CODES: ReadonlySet<Code> = new Set([
  Code.CANCELLED,
  Code.DATA_LOSS,
  Code.DEADLINE_EXCEEDED,
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.UNKNOWN,
]);

/**
 * A bottle call that failed, or was asked for in a way that it cannot be made. Code that does not catch it fails by the
 * server's fault, whatever the code says: the caller of the function asked for none of this.
 */
export class CallError extends BottleError {
  /** What the call has done: the sidecar says it in `details.outcome`. */
  get outcome(): CallOutcome {
    const { outcome } = this.details;
    if (outcome === 'not-done' || outcome === 'unknown' || outcome === 'done') return outcome;
    return UNCERTAIN_CODES.has(this.code) ? 'unknown' : 'not-done';
  }

  /** Whether the same call may be made again: it may succeed then, and it is not done twice, or that does no harm. */
  override get retryable(): boolean {
    const { retryable } = this.details;
    return typeof retryable === 'boolean' ? retryable : super.retryable && this.outcome === 'not-done';
  }

  /** Any thrown value as the error of a call. */
  static of(thrown: unknown): CallError {
    if (thrown instanceof CallError) return thrown;
    const { code, reason, message, details, httpStatus, cause, report, stack } = BottleError.from(thrown);
    const error = new CallError(code, reason, message, { details, httpStatus, cause, report });
    if (stack !== undefined) error.stack = stack;
    return error;
  }
}

/** An error as it travels between the processes, with what its developer gets to see, if anything. */
export function toWireError(error: BottleError, report?: ErrorReport): WireError {
  const { code, reason, message, details, httpStatus } = error;
  const shown = error.report ?? report;
  return {
    ...(shown ? { reportJson: JSON.stringify(shown) } : {}),
    code: GRPC_STATUS[code],
    reason,
    message,
    detailsJson: Object.keys(details).length === 0 ? '' : detailsOf(details),
    httpStatus: httpStatus === HTTP_STATUS[code] ? 0 : httpStatus,
  };
}

/** The details are the thrower's, who may have put in what has no JSON form: the error leaves all the same. */
function detailsOf(details: Readonly<Record<string, unknown>>): string {
  try {
    return toJson(details) ?? '';
  } catch {
    return '';
  }
}

/** The error that the other process sent, or that this one was about to send. */
export function fromWireError(wire: WireError | WireErrorOutput, Kind: typeof BottleError = BottleError): BottleError {
  const { code = GRPC_STATUS[Code.INTERNAL], reason = '', message = '', detailsJson, httpStatus, reportJson } = wire;
  return new Kind(codeOfStatus(code), reason, message, {
    details: detailsJson ? (parseExactJson(detailsJson) as Record<string, unknown>) : {},
    httpStatus: httpStatus || undefined,
    report: reportJson ? (JSON.parse(reportJson) as ErrorReport) : undefined,
  });
}
