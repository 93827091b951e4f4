import { type BottleError, type ErrorReport, type KnownSecrets, reportError } from '@bottle/protos';
import { type Problem, type ProblemOf, problemWith } from '../problem.ts';
import { errorPage } from './error-page.ts';
import { HINTS } from './hints.ts';

/** What the text of an error that is nobody's business is. */
const HIDDEN = 'internal error';

/**
 * The answer to an error while somebody develops: the problem document with the real message, the stack, the source and a
 * hint; a page of the same for those who ask for text/html. None of it shows the secrets.
 */
export function createDeveloperAnswer(secrets: KnownSecrets): ProblemOf {
  return (error, invocationId, request) => answerTo(secrets.maskError(error), invocationId, request, secrets);
}

function answerTo(
  error: BottleError,
  invocationId: string | undefined,
  request: Parameters<ProblemOf>[2],
  secrets: KnownSecrets,
): Problem {
  const report = error.report ?? ownReport(error, secrets);
  const hint = HINTS[error.reason];
  const isHidden = error.message === HIDDEN || error.reason === 'dependency-unavailable';
  const detail = isHidden && report ? report.message : error.message;
  const more = { detail, ...(hint === undefined ? {} : { hint }), ...(report ? { error: report } : {}) };
  const problem = problemWith(error, invocationId, more);
  if (!wantsHtml(request.headers.accept ?? '')) return problem;
  const { method = '', url = '' } = request;
  const body = Buffer.from(errorPage({ error, detail, hint, report, invocationId: invocationId ?? '', method, url }));
  return { ...problem, headers: htmlHeaders(problem.headers, body.length), body };
}

/** Of what went wrong in the sidecar itself. */
function ownReport({ cause }: BottleError, secrets: KnownSecrets): ErrorReport | undefined {
  return cause === undefined ? undefined : secrets.maskData(reportError(cause, secrets.mask));
}

/** What else the problem says, as Retry-After, stays. Nothing is loaded, from nowhere. */
function htmlHeaders(headers: readonly string[], length: number): string[] {
  const rest = headers.flatMap((item, at) => {
    const name = headers[at - (at % 2)] ?? '';
    return name === 'content-type' || name === 'content-length' ? [] : [item];
  });
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  const own = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(length),
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  return [...Object.entries(own).flat(), ...rest];
}

/** Whether text/html is named, and no kind of JSON is named before it: browsers do, programs do not. */
export function wantsHtml(accept: string): boolean {
  const weights = new Map<string, number>();
  for (const item of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    weights.set(type, Number(weight));
  }
  const html = weights.get('text/html') ?? 0;
  const json = Math.max(weights.get('application/json') ?? 0, weights.get('application/problem+json') ?? 0);
  return html > 0 && html >= json;
}
