/**
 * Browsers write quotes as %22 and backslashes as they are, others write \" for a quote: so a quote behind a backslash ends
 * a value only where a value can end.
 */
const PARAMETER = /\s*;\s*(?:([!#$%&'*+.^\w`|~-]+)\s*=\s*(?:"((?:[^"]|(?<=\\)"(?!\s*(?:;|$)))*)"|([^\s;"]*)))?/gsy;

/** "form-data; name=x" → its value in lower case, and its parameters by lower-case name; undefined: it is malformed. */
export function parseHeaderValue(text: string): { value: string; parameters: Map<string, string> } | undefined {
  const end = text.indexOf(';');
  const value = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  const rest = end === -1 ? '' : text.slice(end);
  const pattern = new RegExp(PARAMETER);
  while (pattern.lastIndex < rest.trimEnd().length) {
    const match = pattern.exec(rest);
    if (!match) return undefined;
    const [, name, quoted, token] = match;
    if (name === undefined) continue; // a semicolon too many
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted?.replaceAll('\\"', '"') ?? token ?? '');
  }
  return { value, parameters };
}
