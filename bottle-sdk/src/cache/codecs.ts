import { isUtf8 } from 'node:buffer';
import { CallError, Code, decodeDocument } from '@bottle/protos';
import { jsonOf } from '../json-of.ts';
import { utf8Of } from '../utf8-of.ts';

/** How values become bytes and come back. */
export interface Codec<Value> {
  encode(value: Value): Uint8Array;
  decode(bytes: Buffer): Value;
}

const jsonCodec: Codec<unknown> = {
  encode: (value) => Buffer.from(jsonOf(value, 'store null instead')),
  decode(bytes) {
    try {
      return JSON.parse(decodeDocument(bytes, 'it')) as unknown;
    } catch {
      throw new CallError(Code.INVALID_ARGUMENT, 'not-json', 'not JSON'); // the parser's own words show the value
    }
  },
};

const textCodec: Codec<string> = {
  encode: (value) => utf8Of(value, 'the value'),
  decode(bytes) {
    if (!isUtf8(bytes)) throw new CallError(Code.INVALID_ARGUMENT, 'not-text', 'no text in UTF-8');
    return bytes.toString();
  },
};
/** What is read is the caller's own: it shares no memory with the message it came in. */
const bytesCodec: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => Buffer.from(bytes) };

/** The codecs that have a name. */
export const CODECS = { json: jsonCodec, text: textCodec, bytes: bytesCodec } as const;
export type CodecName = keyof typeof CODECS;
