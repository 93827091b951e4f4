import { isUtf8 } from 'node:buffer';
import { BottleError, Code } from '../errors.ts';

const BYTE_ORDER_MARK = 0xfe_ff;

/**
 * Bytes as text, whole or not at all: nothing becomes U+FFFD. `what` begins the sentences of the errors: `malformed-text` (400),
 * `unknown-charset` (415).
 */
export function decodeText(bytes: Uint8Array, what: string, charset = 'utf-8'): string {
  if (charset === 'utf-8' || /^utf-?8$/i.test(charset)) {
    if (!isUtf8(bytes)) throw malformed(what, 'UTF-8');
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }
  const decoder = decoderOf(charset, what);
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(what, decoder.encoding);
  }
}

/** The same of a whole document, of which a byte order mark is no part. */
export function decodeDocument(bytes: Uint8Array, what: string, charset?: string): string {
  const text = decodeText(bytes, what, charset);
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** The charset that a content type names, or UTF-8. */
export function charsetOf(contentType: string): string {
  if (!contentType.includes(';')) return 'utf-8';
  return /;\s*charset="?([\w:.-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
}

function decoderOf(charset: string, what: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  } catch {
    const message = `${what} has the charset ${JSON.stringify(charset)}, which nobody knows`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'unknown-charset', message, { httpStatus: 415 });
  }
}

function malformed(what: string, charset: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'malformed-text', `${what} is no text in ${charset}`);
}
