import { BottleError, Code } from 'bottle-sdk';

/**
 * The body's bytes as the event, by media type and nothing else: JSON is parsed, form fields become an object, text
 * becomes a string, anything else stays a Buffer. No body is undefined. Throws INVALID_ARGUMENT when it does not parse.
 */
export function decodeEvent(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined;
  const end = contentType.indexOf(';');
  const mediaType = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return parseJson(body);
  if (mediaType === 'application/x-www-form-urlencoded') return parseForm(body);
  if (mediaType.startsWith('text/')) return new TextDecoder(charsetOf(contentType)).decode(body);
  return body;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    const message = `the request body is not JSON: ${(cause as Error).message}`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-json', message);
  }
}

function parseForm(body: Buffer): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [key, value] of new URLSearchParams(body.toString())) {
    const present = form[key];
    form[key] = present === undefined ? value : [present, value].flat();
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
