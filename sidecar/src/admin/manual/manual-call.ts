import { BottleError, Code } from '@bottle/protos';
import type { Outcome, Target, UnreadBody } from '../../layer.ts';

/** Name and value. */
export type Pair = readonly [name: string, value: string];

/** What somebody gives to call a function with. Names are those of the flags of `bottle invoke`. */
export interface Given {
  /** "mq", "mq:orders"; undefined: the function's only trigger. */
  as: string | undefined;
  path: string | undefined;
  method: string | undefined;
  query: readonly Pair[];
  /** Lower-case names. */
  headers: readonly Pair[];
  /** As it came; undefined: nothing. */
  data: Buffer | undefined;
  /** Of the data. */
  contentType: string;
  /** The members of a whole event, in place of the data. */
  members: Readonly<Record<string, unknown>> | undefined;
}

/** A call of a function by hand, on its way. */
export interface ManualCall {
  target: Target;
  body: UnreadBody;
  traceparent?: string | undefined;
  baggage?: string | undefined;
  /** What is answered. Throws BottleError for a failure that the function's answer only mentions. */
  answer?(outcome: Outcome): Outcome | Promise<Outcome>;
}

/** What an event of a function may look like. */
export interface ManualExample {
  /** To be given back as the data. */
  event: unknown;
  /** What has to stand beside `--data @file`. */
  flags: readonly string[];
  /** The same call by flags alone, where they can say it. */
  byFlags?: readonly string[];
  /** What its reader has to put right first. */
  note?: string;
}

/** The refusal of what makes no event of the function. */
export function badEvent(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-event', message);
}

/** Of the function's trigger: the body as it is, however large. */
export function wholeBody(bytes: Buffer): UnreadBody {
  return { read: () => ({ kind: 'bytes', bytes }), abandon: () => {} };
}

const FLAGS = ['path', 'method', 'query', 'headers'] as const;

/** Throws for flags that say nothing to a kind of trigger. */
export function assertFlags(given: Given, kind: string, allowed: readonly (typeof FLAGS)[number][]): void {
  const useless = FLAGS.filter((flag) => !allowed.includes(flag) && (given[flag]?.length ?? 0) > 0);
  if (useless.length === 0) return;
  const names = useless.map((flag) => (flag === 'headers' ? '--header' : `--${flag}`));
  const takes = allowed.includes('headers') ? '--header and --data' : '--data';
  throw badEvent(`${names.join(', ')} ${names.length > 1 ? 'say' : 'says'} nothing to ${kind}, which takes ${takes}`);
}
