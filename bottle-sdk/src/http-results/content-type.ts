import { lookup } from 'mrmime';

const BYTES_TYPE = 'application/octet-stream';
/** Text whose bytes say nothing of their coding: it is UTF-8, as everything here. */
const TEXT = /^text\/|^application\/(?:json|javascript|xml|manifest\+json)$|\+(?:json|xml)$/;

/** The content-type of a file by the ending of its name. */
export function contentTypeOf(path: string): string {
  const type: unknown = lookup(path); // a plain object behind it: "x.constructor" finds a function
  if (typeof type !== 'string') return BYTES_TYPE;
  return TEXT.test(type) ? `${type}; charset=utf-8` : type;
}

/** What `ctx.type = name` means: "html" and ".html" are a file's ending, everything with a slash is the type itself. */
export function typeNamed(name: string): string {
  if (name.includes('/')) return name;
  const type: unknown = lookup(name);
  if (typeof type === 'string') return TEXT.test(type) ? `${type}; charset=utf-8` : type;
  throw new TypeError(`"${name}" is no content type, nor the ending of files of a known one`);
}

/** Content-Disposition that makes a client save the answer under a name: RFC 6266, with RFC 8187 for other letters. */
export function attachmentNamed(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
