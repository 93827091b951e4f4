/** What SQLite does not tell of a statement. */
export interface ScannedSql {
  /** How many question marks stand for values. */
  parameters: number;
  /** First word, lower case: "select". */
  verb: string;
  /** Something follows a semicolon. */
  several: boolean;
}

const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_]\w*|\S/g;

/** Looks past strings, quoted names and comments, as SQLite does. */
export function scanSql(sql: string): ScannedSql {
  const scanned: ScannedSql = { parameters: 0, verb: '', several: false };
  let ended = false;
  for (const [token] of sql.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    if (token === ';') ended = true;
    else if (ended) scanned.several = true;
    if (token === '?') scanned.parameters += 1;
    if (scanned.verb === '' && /^[A-Za-z]/.test(token)) scanned.verb = token.toLowerCase();
  }
  return scanned;
}
