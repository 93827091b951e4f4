import { redactText } from '../log-redaction.ts';
import { type SourceFrame, sourceFrameOf } from './source-frame.ts';

/** What led to an error, for the developer who made it. Plain data without secrets, as far as logs are without them. */
export interface ErrorReport {
  /** "TypeError" */
  name: string;
  message: string;
  /** "at total (/shop/src/cart.ts:12:7)", the innermost first. */
  stack: string[];
  /** Around the first line of the stack that is the project's own. */
  source?: SourceFrame;
  cause?: ErrorReport;
  /** Of an AggregateError. */
  errors?: ErrorReport[];
}

const MAX_FRAMES = 30;
const MAX_DEPTH = 5;
const MAX_MESSAGE_CHARS = 4_000;
const MAX_ERRORS = 10;

/** Describes whatever was thrown; reads the source files that it names. Never throws. */
export function reportError(thrown: unknown, depth = 0): ErrorReport {
  try {
    return thrown instanceof Error ? reportOf(thrown, depth) : reportOfValue(thrown);
  } catch {
    return { name: 'Error', message: 'an error that cannot be described', stack: [] }; // its getters throw
  }
}

function reportOf(error: Error, depth: number): ErrorReport {
  const { name, message, cause } = error;
  const lines = (error.stack ?? '').split('\n');
  const stack = lines.filter((line) => /^\s+at /.test(line)).slice(0, MAX_FRAMES);
  const source = sourceFrameOf(lines);
  const goesDeeper = depth + 1 < MAX_DEPTH;
  return {
    name: redactText(name),
    message: redactText(message.slice(0, MAX_MESSAGE_CHARS)),
    stack: stack.map((line) => redactText(line.trim())),
    ...(source ? { source } : {}),
    ...(cause !== undefined && goesDeeper ? { cause: reportError(cause, depth + 1) } : {}),
    ...(error instanceof AggregateError && goesDeeper
      ? { errors: error.errors.slice(0, MAX_ERRORS).map((each: unknown) => reportError(each, depth + 1)) }
      : {}),
  };
}

function reportOfValue(value: unknown): ErrorReport {
  const text = typeof value === 'object' && value !== null ? 'an object that is not an Error' : String(value);
  return { name: typeof value, message: redactText(text.slice(0, MAX_MESSAGE_CHARS)), stack: [] };
}
