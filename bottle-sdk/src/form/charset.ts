import { BottleError, Code } from '@bottle/protos';

/** Decodes text as browsers decode forms: what is no text of the charset becomes U+FFFD. Throws `unknown-charset`. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BottleError(Code.INVALID_ARGUMENT, 'unknown-charset', `unknown charset ${JSON.stringify(charset)}`);
  }
}

/** The bytes behind "%C3%BC"; a percent sign without two hex digits is itself. */
export function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1, length += 1) {
    const byte = bytes[at] ?? 0;
    const code = byte === PERCENT ? hexValue(bytes, at + 1) : -1;
    bytes[length] = code === -1 ? byte : code;
    if (code !== -1) at += 2;
  }
  return bytes.subarray(0, length);
}

const PERCENT = 0x25;

/** Of two digits; -1 where there are none. */
function hexValue(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + 2);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
}
