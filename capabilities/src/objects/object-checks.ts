import { BottleError, Code } from '@bottle/protos';

const MAX_KEY_BYTES = 1_024;
/** As S3 has it, names and values together. */
const MAX_METADATA_BYTES = 2_048;
const MAX_TYPE_CHARS = 255;
const METADATA_NAME = /^[a-z\d][a-z\d-]*$/;
/** What a header can carry without being quoted or trimmed. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** The key itself. Throws INVALID_ARGUMENT for what no driver has: empty, too long, control characters, `..`. */
export function assertObjectKey(key: string): string {
  const isWhole = Buffer.byteLength(key) <= MAX_KEY_BYTES && !CONTROL.test(key);
  if (isWhole && key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')) return key;
  const message = `the key of an object has 1 to ${MAX_KEY_BYTES} bytes of text without control characters; between its slashes is something, but neither "." nor ".."`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-key', message);
}

/** Names in lower case, of a list of alternating name and value. Throws INVALID_ARGUMENT. */
export function metadataOf(list: readonly string[]): Readonly<Record<string, string>> {
  const pairs = list.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), list[at + 1] ?? ''] as const] : []));
  const bytes = pairs.reduce((total, [name, value]) => total + name.length + value.length, 0);
  const isGood = pairs.every(([name, value]) => METADATA_NAME.test(name) && (value === '' || HEADER_VALUE.test(value)));
  if (isGood && bytes <= MAX_METADATA_BYTES) return Object.fromEntries(pairs);
  const message = `metadata is named by letters, digits and "-", its values are printable ASCII without spaces around, all of it at most ${MAX_METADATA_BYTES} bytes`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-metadata', message);
}

/** The type, or that of bytes. Throws INVALID_ARGUMENT for what no header can carry. */
export function contentTypeOf(text: string): string {
  if (text === '') return 'application/octet-stream';
  if (text.length <= MAX_TYPE_CHARS && HEADER_VALUE.test(text)) return text;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-metadata', 'the content type is none');
}
