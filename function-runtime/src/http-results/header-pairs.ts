/** Headers as they travel: alternating lower-case name and value. */
export type HeaderPairs = string[];

/** The value of a header, '' when it is absent; of a repeated one all of them, joined by ", ". */
export function headerOf(pairs: readonly string[], name: string): string {
  let found: string | undefined;
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] === name) found = found === undefined ? (pairs[at + 1] ?? '') : `${found}, ${pairs[at + 1]}`;
  }
  return found ?? '';
}

/** The headers without those of some names. */
export function withoutHeaders(pairs: readonly string[], names: ReadonlySet<string>): HeaderPairs {
  const kept: string[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at] ?? '';
    if (!names.has(name)) kept.push(name, pairs[at + 1] ?? '');
  }
  return kept;
}
