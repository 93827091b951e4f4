import type { CloudEvent } from 'cloudevents';
import type { Complaint, JsonEvent, ParsedEvent } from './json-event.ts';

/** Lists everything that is wrong with an event; none: it is valid. */
export type EventJudge = (parsed: ParsedEvent) => readonly Complaint[];

const REQUIRED = ['specversion', 'id', 'source', 'type'];
const KNOWN = new Set([...REQUIRED, 'subject', 'time', 'datacontenttype', 'dataschema']);
const DATA = new Set(['data', 'data_base64']);

/** The rules of CloudEvents 1.0, by the official library. It is loaded when there is something to judge. */
export async function loadEventJudge(): Promise<EventJudge> {
  const library = await import('cloudevents');
  return ({ event, complaints }) => {
    if (complaints.some(({ attribute }) => attribute === '')) return complaints; // no event at all
    const wrong = attributesOf(event).flatMap((entry) => judge(library.CloudEvent, entry));
    return [...complaints, ...missing(event), ...wrong];
  };
}

/** Checked here: the library makes up an id and a time where there is none, and takes any version. */
function missing(event: JsonEvent): Complaint[] {
  const complaints = REQUIRED.flatMap((attribute) =>
    event[attribute] === undefined ? [{ attribute, message: 'is required' }] : [],
  );
  const { specversion } = event;
  if (specversion !== undefined && specversion !== '1.0')
    complaints.push({ attribute: 'specversion', message: 'must be "1.0"' });
  return complaints;
}

function attributesOf(event: JsonEvent): [name: string, value: unknown][] {
  return Object.entries(event).filter(([name]) => name !== 'specversion' && !DATA.has(name));
}

/** One attribute beside valid ones: the library stops at the first mistake, and all of them shall be named. */
function judge(Event: typeof CloudEvent, [attribute, value]: [name: string, value: unknown]): Complaint[] {
  const complain = (message: string): Complaint[] => [{ attribute, message }];
  if (value === '') return KNOWN.has(attribute) ? complain('must not be empty') : [];
  if (typeof value === 'object') return complain('must be a text, a number, true or false');
  try {
    return new Event({ id: '1', source: '/', type: '-', [attribute]: value }).validate() ? [] : complain('is invalid');
  } catch (error) {
    const [first] = (error as { errors?: { message?: string }[] }).errors ?? [];
    return complain(first?.message ?? (error as Error).message.split('\n')[0] ?? 'is invalid');
  }
}
