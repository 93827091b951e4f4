import { BottleError, Code } from 'bottle-sdk';
import { charsetOf, decodeDocument, decodeText, fieldText, urlencodedFields } from '@bottle/protos';
import { parseJson } from './parse-json.ts';

/**
 * The body's bytes as the event, by media type and nothing else: JSON is parsed, form fields become an object, text
 * becomes a string, anything else stays a Buffer. No body is undefined. Throws INVALID_ARGUMENT when it does not parse, or is
 * no text in its charset.
 */
export function decodeEvent(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  switch (kindOf(contentType)) {
    case 'json':
      return parseJson(textOf(body, contentType));
    case 'form':
      return parseForm(body, charsetOf(contentType));
    case 'text':
      return textOf(body, contentType);
    case 'bytes':
      return body;
  }
}

/** The same of a value that somebody sent or stored: one without bytes is an empty one, and a text keeps its byte order mark. */
export function decodeValue(bytes: Buffer, contentType: string): unknown {
  const kind = kindOf(contentType);
  if (bytes.length === 0) return kind === 'bytes' ? bytes : '';
  return kind === 'text' ? decodeText(bytes, 'the value', charsetOf(contentType)) : decodeEvent(bytes, contentType);
}

/** By the media type. */
function kindOf(contentType: string): 'json' | 'form' | 'text' | 'bytes' {
  const end = contentType.indexOf(';');
  const mediaType = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return 'json';
  if (mediaType === 'application/x-www-form-urlencoded') return 'form';
  return mediaType.startsWith('text/') ? 'text' : 'bytes';
}

/** Longer lists of fields are nobody's form; decoding them holds up everybody else. */
const MAX_FORM_FIELDS = 10_000;

function textOf(body: Buffer, contentType: string): string {
  return decodeDocument(body, 'the request body', charsetOf(contentType));
}

function parseForm(body: Buffer, charset: string): Record<string, string | string[]> {
  let fields = 1;
  for (let at = body.indexOf('&'); at !== -1; at = body.indexOf('&', at + 1)) fields += 1;
  if (fields > MAX_FORM_FIELDS) {
    const message = `a form has at most ${MAX_FORM_FIELDS} fields`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'form-too-large', message, { httpStatus: 413 });
  }
  const form: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, bytes] of urlencodedFields(body.toString('latin1'))) {
    const key = fieldText(name, charset);
    const value = fieldText(bytes, charset);
    const present = form[key];
    if (present === undefined) form[key] = value;
    else if (Array.isArray(present)) present.push(value);
    else form[key] = [present, value];
  }
  return form;
}
