import { CallError, Code } from '@bottle/protos';

/** A text's bytes in UTF-8. Throws INVALID_ARGUMENT for half of a surrogate pair, which has none: it would become U+FFFD. */
export function utf8Of(text: string, what: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  throw new CallError(
    Code.INVALID_ARGUMENT,
    'malformed-text',
    `${what} has half of a surrogate pair, which is no character`,
  );
}
