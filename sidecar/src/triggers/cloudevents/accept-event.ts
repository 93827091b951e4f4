import { BottleError, type CloudEventsTrigger__Output, Code } from '@bottle/protos';
import { wants } from './event-filter.ts';
import { loadEventJudge } from './event-judge.ts';
import { invalidEvent, type JsonEvent } from './json-event.ts';
import { parseStructuredEvent } from './structured-event.ts';

/** The event that a value is, and the first trigger that wants it. Throws INVALID_ARGUMENT for what is no event, NOT_FOUND for one that none wants. */
export async function acceptEvent(
  value: unknown,
  triggers: readonly CloudEventsTrigger__Output[],
): Promise<{ event: JsonEvent; trigger: CloudEventsTrigger__Output }> {
  const judge = await loadEventJudge();
  const parsed = parseStructuredEvent(value);
  const complaints = judge(parsed);
  if (complaints.length > 0) throw invalidEvent(complaints);
  const trigger = triggers.find((each) => wants(each, parsed.event));
  if (trigger) return { event: parsed.event, trigger };
  const { type, source, subject } = parsed.event;
  const message = `the function takes no events with ${JSON.stringify({ type, source, subject })}: see its filters`;
  throw new BottleError(Code.NOT_FOUND, 'no-event-function', message);
}
