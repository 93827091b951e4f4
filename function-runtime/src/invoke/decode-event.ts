import { BottleError, Code } from 'bottle-sdk';
import { parseJson } from './parse-json.ts';

/**
 * The body's bytes as the event, by media type and nothing else: JSON is parsed, form fields become an object, text
 * becomes a string, anything else stays a Buffer. No body is undefined. Throws INVALID_ARGUMENT when it does not parse.
 */
export function decodeEvent(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  const end = contentType.indexOf(';');
  const mediaType = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return parseJson(body.toString());
  if (mediaType === 'application/x-www-form-urlencoded') return parseForm(body);
  if (mediaType.startsWith('text/')) return new TextDecoder(charsetOf(contentType)).decode(body);
  return body;
}

/** Longer lists of fields are nobody's form; decoding them holds up everybody else. */
const MAX_FORM_FIELDS = 10_000;

function parseForm(body: Buffer): Record<string, string | string[]> {
  let fields = 1;
  for (let at = body.indexOf('&'); at !== -1; at = body.indexOf('&', at + 1)) fields += 1;
  if (fields > MAX_FORM_FIELDS) {
    const message = `a form has at most ${MAX_FORM_FIELDS} fields`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'form-too-large', message, { httpStatus: 413 });
  }
  const form: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [key, value] of new URLSearchParams(body.toString())) {
    const present = form[key];
    if (present === undefined) form[key] = value;
    else if (Array.isArray(present)) present.push(value);
    else form[key] = [present, value];
  }
  return form;
}

/** The charset parameter, or utf-8. Throws INVALID_ARGUMENT for one that no decoder knows. */
function charsetOf(contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    throw new BottleError(Code.INVALID_ARGUMENT, 'unknown-charset', `unknown charset "${charset}"`);
  }
}
