import { type BottleError, type ErrorReport, toJson } from '@bottle/protos';

export interface ErrorPageOptions {
  error: BottleError;
  detail: string;
  hint: string | undefined;
  report: ErrorReport | undefined;
  invocationId: string;
  method: string;
  url: string;
}

const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1f24; --soft: #59636e; --box: #f6f8fa; --line: #d1d9e0; --red: #cf222e; --mark: #ffebe9; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0d1117; --fg: #e6edf3; --soft: #9198a1; --box: #161b22; --line: #3d444d; --red: #ff7b72; --mark: #49202a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
.where { color: var(--soft); margin: 0; overflow-wrap: anywhere; }
h1 { margin: .25rem 0 1rem; font-size: 1.6rem; line-height: 1.25; color: var(--red); overflow-wrap: anywhere; white-space: pre-wrap; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; }
.hint { border-left: 4px solid var(--red); background: var(--box); padding: .6rem 1rem; margin: 0 0 1rem; }
pre { margin: 0; padding: .75rem 0; background: var(--box); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; font: 13px/1.6 ui-monospace, Menlo, Consolas, monospace; }
pre span { display: block; padding: 0 1rem; min-width: max-content; }
pre i { color: var(--soft); font-style: normal; user-select: none; }
pre .here { background: var(--mark); box-shadow: inset 3px 0 var(--red); }
pre .theirs { color: var(--soft); }
.file { color: var(--soft); font: 13px/1.6 ui-monospace, Menlo, Consolas, monospace; margin: 0 0 .4rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .875rem; }`;

/** A page that shows an error to its developer: all in one, nothing is loaded, everything is escaped. */
export function errorPage({ error, detail, hint, report, invocationId, method, url }: ErrorPageOptions): string {
  const { httpStatus, code, reason, details } = error;
  const facts = { status: `${httpStatus} ${code}`, reason, invocation: invocationId };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${httpStatus} ${detail.split('\n')[0] ?? ''}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="where">${escaped(`${httpStatus} · ${method} ${url}`)}</p>
<h1>${escaped(report && report.message === detail ? `${report.name}: ${detail}` : detail)}</h1>
${hint === undefined ? '' : `<p class="hint">${escaped(hint)}</p>`}
${report ? sectionsOf(report, 'Source') : ''}
<h2>About</h2>
<dl>${Object.entries(facts)
    .map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`)
    .join('')}</dl>
${Object.keys(details).length > 0 ? `<h2>Details</h2>\n<pre><span>${linesOf(details)}</span></pre>` : ''}
<footer>Shown by <code>bottle dev</code> alone. Clients of a deployed pod see the reason, and of what the function threw nothing.</footer>
</main>
</body>
</html>
`;
}

/** Source and stack of an error, then those of what caused it. */
function sectionsOf(report: ErrorReport, title: string): string {
  const { source, stack, cause, errors = [] } = report;
  const parts: string[] = [];
  if (source) {
    const width = String(source.lines.at(-1)?.line ?? 0).length;
    const lines = source.lines.map(({ line, text }) => {
      const isHere = line === source.line;
      return `<span${isHere ? ' class="here"' : ''}><i>${String(line).padStart(width)}  </i>${escaped(text) || ' '}</span>`;
    });
    const place = [source.file, source.line, source.column].filter((part) => part !== undefined).join(':');
    parts.push(`<h2>${escaped(title)}</h2>\n<p class="file">${escaped(place)}</p>\n<pre>${lines.join('')}</pre>`);
  }
  if (stack.length > 0) {
    const frames = stack.map((frame) => `<span${isTheirs(frame) ? ' class="theirs"' : ''}>${escaped(frame)}</span>`);
    parts.push(`<h2>Stack</h2>\n<pre>${frames.join('')}</pre>`);
  }
  const led = [...(cause ? [cause] : []), ...errors];
  for (const each of led) {
    const text = escaped(`${each.name}: ${each.message}`);
    parts.push(`<h2>Caused by</h2>\n<pre><span>${text}</span></pre>`, sectionsOf(each, 'Source of the cause'));
  }
  return parts.join('\n');
}

function isTheirs(frame: string): boolean {
  return frame.includes('node:') || frame.includes('/node_modules/') || frame.includes('/function-runtime/');
}

function linesOf(details: object): string {
  return escaped(toJson(details, 2) ?? '').replaceAll('\n', '</span><span>');
}

/** For text and for values of attributes in double quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
