import { inspect } from 'node:util';

/** Shorter values are in every second text by chance. */
const MIN_CHARS = 4;
/** Shorter lines of a longer value say nothing by themselves. */
const MIN_LINE_CHARS = 8;
/** A shorter piece of base64 may be one of another text. */
const MIN_WITHIN_CHARS = 8;
/** What is longer is encoded by nobody who logs it. */
const MAX_ENCODED_CHARS = 16 * 1024;

/**
 * What a secret looks like in a text: as it is, and what JSON (once, and in a text that was JSON already), `inspect`, HTML,
 * percent-encoding, base64, hex and lists of bytes make of it, of a longer text around it, too. Of a value of several lines, a key as PEM say, every line is
 * one: they may be printed one by one. None for values that are too short.
 */
export function secretPatterns(value: Uint8Array): string[] {
  const text = Buffer.from(value).toString();
  const trimmed = text.trim();
  const lines = trimmed.includes('\n') ? trimmed.split('\n').map((line) => line.trim()) : [];
  const forms = [text, trimmed, ...lines.filter(isTelling)].flatMap(formsOf);
  const encodings = value.length > MAX_ENCODED_CHARS ? [] : [value, Buffer.from(trimmed)].flatMap(encodingsOf);
  return [...new Set([...forms, ...encodings])].filter(({ length }) => length >= MIN_CHARS);
}

/** The first and last line of a key are those of all keys. */
function isTelling(line: string): boolean {
  return line.length >= MIN_LINE_CHARS && !line.startsWith('-----');
}

function formsOf(text: string): string[] {
  if (text.length < MIN_CHARS || text.length > MAX_ENCODED_CHARS) return [text];
  const once = JSON.stringify(text).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  const slashed = once.replaceAll('/', String.raw`\/`); // as PHP and others write JSON
  return [text, once, twice, slashed, inspect(text).slice(1, -1), inHtml(text), ...partsOfUrls(text)];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Each part of a URL is encoded in a way of its own. */
function partsOfUrls(text: string): string[] {
  const url = new URL('http://secret/');
  url.search = text;
  url.hash = text;
  url.password = text;
  url.pathname = `/${text}`;
  const component = encodeURIComponent(text.toWellFormed());
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [component, form, url.search.slice(1), url.hash.slice(1), url.password, url.pathname.slice(1)];
}

/** Base64 without its padding, which may be there or not. */
function encodingsOf(bytes: Uint8Array): string[] {
  if (bytes.length < MIN_CHARS) return [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const hex = buffer.toString('hex');
  return [
    buffer.toString('base64').replace(/=+$/, ''),
    buffer.toString('base64url'),
    hex,
    hex.toUpperCase(),
    hex.replace(/..(?!$)/g, '$& '),
    buffer.join(','),
    buffer.join(', '),
    listOf(inspect(new Uint8Array(buffer))), // in columns
    ...[0, 1, 2].flatMap((before) => withinBase64(buffer, before)),
  ];
}

/** What stands between the brackets. */
function listOf(inspected: string): string {
  return inspected.slice(inspected.indexOf('[') + 1, -1).trim();
}

/**
 * The characters of base64 that are the value's alone where it stands in a longer text, with so many bytes before it in its group
 * of three: those at the ends have bits of its neighbours.
 */
function withinBase64(value: Buffer, before: number): string[] {
  const longer = Buffer.concat([Buffer.alloc(before), value]);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor((longer.length * 8) / 6);
  if (to - from < MIN_WITHIN_CHARS) return [];
  return [longer.toString('base64').slice(from, to), longer.toString('base64url').slice(from, to)];
}
