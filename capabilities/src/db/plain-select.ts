/**
 * Whether a statement certainly only reads, so that it may be sent twice. Careful rather than clever: a column named
 * `into` makes it false.
 */
export function isPlainSelect(sql: string): boolean {
  return (
    /^[\s(]*select\b/i.test(sql) && !/\b(for|into|lock|nextval|get_lock|release_lock|sleep)\b|:=|;\s*\S/i.test(sql)
  );
}
