/** RFC 9110, 5.1: a token. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** What a field value cannot hold (RFC 9110, 5.5): control characters but tabs, and what is not Latin-1. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The lines of one response header. Throws TypeError for a name or a value that HTTP cannot carry, with the header's name:
 * here the function's author sees which line it was; where it is written, nobody does.
 */
export function headerLines(name: string, value: string | readonly string[]): string[] {
  if (!NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a name of a response header`);
  const lines = Array.isArray(value) ? value.map(String) : [String(value)];
  for (const line of lines) assertWritable(name, line);
  return lines;
}

function assertWritable(name: string, line: string): void {
  const at = line.search(UNWRITABLE);
  if (at === -1) return;
  const point = line.codePointAt(at) ?? 0;
  const shown = point < 0x20 || point === 0x7f ? '' : ` "${String.fromCodePoint(point)}"`;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const hint = point > 0xff ? '; encodeURIComponent makes text of ASCII' : '';
  throw new TypeError(`the response header "${name}" cannot hold${shown} (${code}) at position ${at}${hint}`);
}
