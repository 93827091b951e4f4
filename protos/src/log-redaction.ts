// What must not be in a log, whoever logs it: values under names that say so, credentials in URLs, authorization schemes.
const MASK = '***';

/** Names whose values are secrets, at the end of a key: "authorization", "set-cookie", "dbPassword", "x-api-key". */
const SECRET_NAME =
  /(authorization|cookie2?|passw(?:or)?d|passphrase|secrets?|tokens?|api[-_]?key|private[-_]?key|credentials?)$/i;
/** "://user:password@". Bounded, so that no text takes long. */
const URL_CREDENTIALS = /:\/\/[^\s/@:]{0,256}:\S{0,256}@/g;
const AUTHORIZATION = /\b(Bearer|Basic) +[\w.~+/=-]{4,}/gi;

/** Most values of one line that are looked at; what comes after them is left out. */
const MAX_VALUES = 10_000;
const MAX_DEPTH = 12;

/** Options for pino, without its types: the fields, the errors and the message of every line pass through here. */
export interface LogRedaction {
  formatters: { log(fields: Record<string, unknown>): Record<string, unknown> };
  serializers: { err(error: unknown): unknown };
  hooks: {
    logMethod<Self>(
      this: Self,
      args: [unknown, ...unknown[]],
      method: (this: Self, ...args: [never, ...never[]]) => void,
    ): void;
  };
}

/** `describeError` makes plain data of an error: pino's own serializer. */
export function createLogRedaction(describeError: (error: Error) => object): LogRedaction {
  return {
    formatters: { log: (fields) => redactFields(fields, describeError) },
    serializers: { err: (error) => error }, // is plain data by then
    hooks: {
      logMethod(args, method) {
        const [first] = args;
        const all = first instanceof Error && args.length === 1 ? [{ err: first }, first.message] : args;
        const texts = all.map((each) => (typeof each === 'string' ? redactText(each) : each));
        method.apply(this, texts as [never, ...never[]]);
      },
    },
  };
}

/** A copy of the fields of a log line without their secrets. Never throws. */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  describeError: (error: Error) => object = plainError,
): Record<string, unknown> {
  let left = MAX_VALUES;
  const ancestors = new Set<object>();

  function redact(value: unknown): unknown {
    if (typeof value === 'string') return redactText(value);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (--left < 0 || ancestors.size >= MAX_DEPTH) return '[left out]';
    if (ancestors.has(value)) return '[circular]';
    ancestors.add(value);
    try {
      return redactObject(value);
    } catch {
      return '[unreadable]'; // a getter that throws
    } finally {
      ancestors.delete(value);
    }
  }

  function redactObject(value: object): unknown {
    if (Array.isArray(value)) return value.map((item, at) => (follows(value, at) ? MASK : redact(item)));
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function' && !(value instanceof Error)) return redact(toJSON.call(value));
    const copy: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(value instanceof Error ? describeError(value) : value)) {
      copy[key] = isSecret(key, child) ? MASK : redact(child);
    }
    return copy;
  }

  return redact(fields) as Record<string, unknown>;
}

/** The text without the credentials of URLs and authorization schemes. */
export function redactText(text: string): string {
  const masked = text.includes('://') ? text.replace(URL_CREDENTIALS, `://${MASK}@`) : text;
  return /bearer|basic/i.test(masked) ? masked.replace(AUTHORIZATION, `$1 ${MASK}`) : masked;
}

function isSecret(key: string, value: unknown): boolean {
  return SECRET_NAME.test(key) && value !== null && (typeof value === 'string' || typeof value === 'object');
}

/** Lists of headers alternate name and value. */
function follows(list: readonly unknown[], at: number): boolean {
  const name = at % 2 === 1 ? list[at - 1] : undefined;
  return typeof name === 'string' && name.length <= 64 && SECRET_NAME.test(name) && typeof list[at] === 'string';
}

function plainError(error: Error): object {
  const { name: type, message, stack } = error;
  return Object.assign({ type, message, stack }, error);
}
