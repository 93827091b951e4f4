import { decodeText } from './decode-text.ts';

const MARK = '\u00ef\u00bb\u00bf';
const PERCENT = 0x25;

/**
 * The fields of application/x-www-form-urlencoded, in order, as bytes: `text` has a character for each byte (latin1). A byte order mark
 * before them is no part of the first name.
 */
export function* urlencodedFields(text: string): Generator<[name: Buffer, value: Buffer]> {
  for (let start = text.startsWith(MARK) ? MARK.length : 0; start < text.length; ) {
    const ampersand = text.indexOf('&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    const field = text.slice(start, end);
    start = end + 1;
    if (field === '') continue;
    const equals = field.indexOf('=');
    yield [
      percentDecoded(plain(equals === -1 ? field : field.slice(0, equals))),
      percentDecoded(equals === -1 ? '' : plain(field.slice(equals + 1))),
    ];
  }
}

/** One of them as text. Throws as decodeText. */
export function fieldText(bytes: Buffer, charset: string): string {
  return decodeText(bytes, 'a field of the form', charset);
}

/** The bytes behind "%C3%BC"; a percent sign without two hex digits is itself. */
export function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (!text.includes('%')) return bytes;
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1, length += 1) {
    const byte = bytes[at] ?? 0;
    const code = byte === PERCENT ? hexValue(bytes, at + 1) : -1;
    bytes[length] = code === -1 ? byte : code;
    if (code !== -1) at += 2;
  }
  return bytes.subarray(0, length);
}

/** Of two digits; -1 where there are none. */
function hexValue(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + 2);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function plain(text: string): string {
  return text.replaceAll('+', ' ');
}
