import type { CloudEventsTrigger__Output } from '@bottle/protos';
import { attributeOf, type JsonEvent } from './json-event.ts';

type Filters = Pick<CloudEventsTrigger__Output, 'types' | 'sources' | 'subjects'>;

/** Whether a trigger wants an event: one of its types, and one of its sources, and one of its subjects; none is any. */
export function wants({ types, sources, subjects }: Filters, event: JsonEvent): boolean {
  return (
    matchesAny(types, attributeOf(event, 'type')) &&
    matchesAny(sources, attributeOf(event, 'source')) &&
    matchesAny(subjects, attributeOf(event, 'subject'))
  );
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, text));
}

/** Whether a text is as the pattern says, in which "*" stands for anything. In time that grows with the text alone. */
export function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let from = head.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
