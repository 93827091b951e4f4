/** Commands that are run together, and what they are to print. */
export interface Step {
  /** The line of the page on which the commands begin. */
  line: number;
  commands: string;
  /** Each of these is somewhere in the output, in this order. */
  expected: readonly string[];
}

/** The steps of a page: its `sh` blocks in order, each with the `text` block that follows it, if one does. */
export function readSteps(markdown: string): Step[] {
  const steps: Step[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, language] = /^```(sh|text)$/.exec(lines[at] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at);
    const block = lines.slice(at + 1, end);
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ line: at + 2, commands: block.join('\n'), expected: [] });
    else if (last) last.expected = block;
    at = end;
  }
  return steps;
}
