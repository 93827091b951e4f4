/** One mistake in a configuration, and where it is. */
export interface ConfigProblem {
  /** The file, or where else the value came from: "BOTTLE_PORT", "--port". */
  source: string;
  /** 1-based; undefined outside files. */
  line?: number | undefined;
  /** "functions.list.timeout"; empty for the whole file. */
  path: string;
  message: string;
  /** The lines of the file around it. */
  frame?: string | undefined;
}

/** Everything that is wrong with a configuration, at once. Programs print it and exit with 78 (EX_CONFIG). */
export class ConfigProblems extends Error {
  override readonly name = 'ConfigProblems';
  static readonly exitCode = 78;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describe(problems));
    this.problems = problems;
  }
}

function describe(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ source, line, path, message, frame }) => {
    const place = line === undefined ? source : `${source}:${line}`;
    const below = frame === undefined ? '' : `\n\n${frame.replace(/^/gm, '    ')}\n`;
    return `  ${place}  ${path === '' ? '' : `${path}: `}${message}${below}`;
  });
  return [`${count} in the configuration`, ...lines].join('\n');
}
