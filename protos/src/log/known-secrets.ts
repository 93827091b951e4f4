// Secrets that a process knows: they are in none of its logs and errors, wherever they turn up.
//  1. Lines of JSON stay JSON: texts are looked at decoded, and a number that is a secret becomes a text.
//  2. There is a bound in characters: the values that came first go first.
import { BottleError } from '../errors.ts';
import { secretPatterns } from './secret-patterns.ts';

const MASK = '***';
/** What all that is looked for may take. */
const DEFAULT_MAX_CHARS = 8 * 1024 * 1024;
const MAX_DEPTH = 20;

/** Texts, lists of bytes and numbers of a line of JSON; with the colon that makes a text a name. */
const TOKEN = /("(?:[^"\\]|\\.)*")(:)?|\[\d{1,3}(?:,\d{1,3})+\]|-?\d[\d.eE+-]*/g;
/** Names of the platform's own lines. */
const OWN_NAMES: ReadonlySet<string> = new Set(
  'level time process msg invocationId function method path status durationMs bytes reason err type message stack'.split(
    ' ',
  ),
);

interface LookedFor {
  /** All patterns, the longest first: one may be part of another. */
  ordered: readonly string[];
  /** The same as they are in a line of JSON. */
  inJson: readonly string[];
}

/** What a process does not show. */
export class KnownSecrets {
  /** By value as text, what is looked for. */
  readonly #patterns = new Map<string, readonly string[]>();
  readonly #maxChars: number;
  #chars = 0;
  /** Made anew when it is needed: many values may come one after the other. */
  #lookedFor: LookedFor | undefined;

  constructor(maxChars: number = DEFAULT_MAX_CHARS) {
    this.#maxChars = maxChars;
  }

  /** From now on the value is masked; one of less than four characters is not. */
  add(value: Uint8Array): void {
    const text = Buffer.from(value).toString('latin1');
    if (this.#patterns.has(text)) return;
    const patterns = secretPatterns(value);
    if (patterns.length === 0) return;
    this.#patterns.set(text, patterns);
    this.#chars += charsOf(patterns);
    for (const [oldest, its] of this.#patterns) {
      if (this.#chars <= this.#maxChars || oldest === text) break; // 2
      this.#patterns.delete(oldest);
      this.#chars -= charsOf(its);
    }
    this.#lookedFor = undefined;
  }

  get #sought(): LookedFor {
    this.#lookedFor ??= lookedForOf([...this.#patterns.values()].flat());
    return this.#lookedFor;
  }

  /** The text without any of the values. */
  readonly mask = (text: string): string => {
    let masked = text;
    for (const pattern of this.#sought.ordered) masked = masked.replaceAll(pattern, MASK);
    return masked;
  };

  /** The same for lines of JSON, each with its end. */
  readonly maskLines = (lines: string): string => {
    if (!this.#isIn(lines)) return lines;
    return lines
      .split('\n')
      .map((line) => (this.#isIn(line) ? this.#maskLine(line) : line))
      .join('\n');
  };

  /** A copy of plain data without any of the values; what is not plain stays as it is. */
  maskData<Data>(data: Data): Data {
    return this.#patterns.size === 0 ? data : (this.#maskValue(data, 0) as Data);
  }

  /** The error as it may leave the process: message, details and report without any of the values. */
  maskError(error: BottleError): BottleError {
    if (this.#patterns.size === 0) return error;
    const { code, reason, httpStatus, cause } = error;
    const details = this.maskData(error.details);
    const report = this.maskData(error.report);
    return new BottleError(code, reason, this.mask(error.message), { details, report, httpStatus, cause });
  }

  #isIn(lines: string): boolean {
    return this.#sought.inJson.some((pattern) => lines.includes(pattern));
  }

  /** 1 */
  #maskLine(line: string): string {
    return line.replace(TOKEN, (token: string, text: string | undefined, colon: string = '') => {
      if (token.startsWith('[')) return this.mask(token) === token ? token : `["${MASK}"]`;
      if (text === undefined) return this.#sought.ordered.includes(token) ? `"${MASK}"` : token;
      const plain = decoded(text);
      if (colon !== '' && OWN_NAMES.has(plain)) return token;
      const masked = this.mask(plain);
      return masked === plain ? token : JSON.stringify(masked) + colon;
    });
  }

  #maskValue(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.mask(value);
    if (typeof value === 'number' || typeof value === 'bigint')
      return this.#sought.ordered.includes(String(value)) ? MASK : value;
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
    if (Array.isArray(value)) return value.map((item) => this.#maskValue(item, depth + 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const entries = Object.entries(value).map(([key, child]) => [this.mask(key), this.#maskValue(child, depth + 1)]);
    return Object.fromEntries(entries);
  }
}

function lookedForOf(patterns: readonly string[]): LookedFor {
  const ordered = [...new Set(patterns)].toSorted((one, other) => other.length - one.length);
  return { ordered, inJson: [...new Set(ordered.map((pattern) => JSON.stringify(pattern).slice(1, -1)))] };
}

function charsOf(patterns: readonly string[]): number {
  return patterns.reduce((total, { length }) => total + length, 0);
}

/** A text of JSON; what is none says nothing. */
function decoded(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return MASK;
  }
}
