import type { DoorAnswer } from './door.ts';

interface ProblemAnswer {
  status: number;
  /** Of the header Retry-After. */
  retryAfter: string | undefined;
  body: string;
}

interface ProblemDocument {
  reason?: string;
  invocationId?: string;
  details?: { started?: boolean };
}

/** What an answer that is a problem document, if it is no success, means. */
export function judgeProblem({ status, retryAfter, body }: ProblemAnswer): DoorAnswer {
  if (status === 200 || status === 204) return { kind: 'good' };
  const { reason = 'no reason', invocationId = '', details } = parsed(body);
  if (reason === 'overloaded')
    return { kind: 'refused', form: formOf(status, { retryAfter, started: details?.started }) };
  return { kind: 'other', what: `${status} ${reason}`, ...(status === 504 ? { lateId: invocationId } : {}) };
}

/** "503 overloaded, retry-after 1, not begun" */
export function formOf(
  status: number,
  { retryAfter, started }: { retryAfter: string | undefined; started: boolean | undefined },
): string {
  const again = retryAfter === undefined ? 'no retry-after' : `retry-after ${retryAfter}`;
  return `${status} overloaded, ${again}, ${started === false ? 'not begun' : 'begun?'}`;
}

/** The value of a header in the head of a response, as it was sent. */
export function fieldOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];
}

function parsed(body: string): ProblemDocument {
  try {
    return JSON.parse(body) as ProblemDocument;
  } catch {
    return { reason: body.slice(0, 40) };
  }
}
