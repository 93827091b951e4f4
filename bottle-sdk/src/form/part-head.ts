import { percentDecoded } from '@bottle/protos';
import { badForm, formTooLarge } from './form-errors.ts';
import type { FormLimits } from './form-options.ts';
import { parseHeaderValue } from './header-parameters.ts';

/** What the head of a part of multipart/form-data says. */
export interface PartHead {
  name: string;
  /** Without directories; undefined: it is no file. '' is an empty file input. */
  filename: string | undefined;
  /** Its media type, with parameters. */
  type: string;
  /** Undefined where the part says nothing of it. */
  charset: string | undefined;
}

/** Header lines by lower-case name, with a character for each byte. */
export type HeaderLines = Readonly<Record<string, readonly string[] | undefined>>;

const PLAIN_ENCODINGS = new Set(['', '7bit', '8bit', 'binary']);

/** Throws 400 for a head that is not that of a form's part, 413 beyond the limits. */
export function parsePartHead(lines: HeaderLines, limits: FormLimits): PartHead {
  if (sizeOf(lines) > limits.maxHeaderBytes) throw formTooLarge('maxHeaderBytes', limits);
  const [disposition, ...further] = lines['content-disposition'] ?? [];
  if (disposition === undefined || further.length > 0) throw badForm('a part of the form has no Content-Disposition');
  const { value, parameters } = parseHeaderValue(disposition) ?? { value: '', parameters: new Map<string, string>() };
  const name = parameters.get('name');
  if (value !== 'form-data' || name === undefined) throw badForm('a part of the form has no name');
  if (name.length > limits.maxFieldNameBytes) throw formTooLarge('maxFieldNameBytes', limits);
  const encoding = lines['content-transfer-encoding']?.[0]?.trim().toLowerCase() ?? '';
  if (!PLAIN_ENCODINGS.has(encoding)) throw badForm('forms are sent without a Content-Transfer-Encoding (RFC 7578)');
  const type = lines['content-type']?.[0]?.trim() || 'text/plain';
  return {
    name: unescaped(textOf(name)),
    filename: filenameOf(parameters),
    type,
    charset: parseHeaderValue(type)?.parameters.get('charset'),
  };
}

/** `filename*` (RFC 5987) counts first, unless it is malformed. */
function filenameOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const plain = parameters.get('filename');
  const extended = extendedValue(parameters.get('filename*') ?? '');
  const filename = extended ?? (plain === undefined ? undefined : unescaped(textOf(plain)));
  return filename === undefined ? undefined : withoutDirectories(filename);
}

function extendedValue(text: string): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w-]+)'[\w-]*'((?:%[0-9a-f]{2}|[!#$&+.^\w`|~-])*)$/i.exec(text) ?? [];
  try {
    return charset === '' ? undefined : new TextDecoder(charset, { fatal: true }).decode(percentDecoded(encoded));
  } catch {
    return undefined; // a charset that nobody knows, or bytes that are no text of it
  }
}

/** Names are UTF-8; those of old clients, that are not, Latin-1. */
function textOf(binary: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Browsers write these three so, and nothing else. */
function unescaped(text: string): string {
  return text.replaceAll(/%(22|0D|0A)/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function withoutDirectories(filename: string): string {
  const base = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  return base === '.' || base === '..' ? '' : base;
}

function sizeOf(lines: HeaderLines): number {
  const pairs = Object.entries(lines).flatMap(([name, values = []]) => values.map((value) => [name, value] as const));
  return pairs.reduce((size, [name, value]) => size + name.length + value.length + ': \r\n'.length, 0);
}
