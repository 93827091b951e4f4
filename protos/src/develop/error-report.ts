import { BottleError } from '../errors.ts';
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

/** Texts are masked whole, before they are cut. */
type Mask = (text: string) => string;

/** Describes whatever was thrown; reads the source files that it names. Never throws. */
export function reportError(thrown: unknown, mask: Mask = (text) => text, depth = 0): ErrorReport {
  const shown: Mask = (text) => redactText(mask(text).slice(0, MAX_MESSAGE_CHARS));
  const deeper = (inner: unknown): ErrorReport => reportError(inner, mask, depth + 1);
  try {
    return thrown instanceof Error
      ? reportOf(thrown, shown, depth + 1 < MAX_DEPTH ? deeper : undefined)
      : reportOfValue(thrown, shown);
  } catch {
    return { name: 'Error', message: 'an error that cannot be described', stack: [] }; // its getters throw
  }
}

function reportOf(error: Error, shown: Mask, deeper: ((inner: unknown) => ErrorReport) | undefined): ErrorReport {
  const { name, cause } = error;
  const lines = (error.stack ?? '').split('\n');
  const stack = lines.filter((line) => /^\s+at /.test(line)).slice(0, MAX_FRAMES);
  const source = sourceFrameOf(lines);
  return {
    name: shown(name),
    message: shown(wholeMessage(error)),
    stack: stack.map((line) => shown(line.trim())),
    ...(source ? { source } : {}),
    ...(cause !== undefined && deeper ? { cause: deeper(cause) } : {}),
    ...(error instanceof AggregateError && deeper ? { errors: error.errors.slice(0, MAX_ERRORS).map(deeper) } : {}),
  };
}

/** With what a database, say, has said itself: which table is not there. */
function wholeMessage(error: Error): string {
  const said = error instanceof BottleError ? error.details['driverMessage'] : undefined;
  return typeof said === 'string' ? `${error.message}: ${said}` : error.message;
}

function reportOfValue(value: unknown, shown: Mask): ErrorReport {
  const text = typeof value === 'object' && value !== null ? 'an object that is not an Error' : String(value);
  return { name: typeof value, message: shown(text), stack: [] };
}
