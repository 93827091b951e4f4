import { randomUUID } from 'node:crypto';
import { type CloudEventsTrigger__Output, type FunctionInfo, toJson } from '@bottle/protos';
import { assertFlags, badEvent, type Given, type ManualCall, type ManualExample, wholeBody } from './manual-call.ts';
import { jsonOf } from './parse-given.ts';

type Members = Readonly<Record<string, unknown>>;

/** What CloudEvents have to do with besides their function. */
export interface CloudEventSurroundings {
  /** The event, and the first trigger that wants it. Rejects for what is no event, or wanted by none. */
  accept(
    event: Members,
    triggers: readonly CloudEventsTrigger__Output[],
  ): Promise<{ event: Members; trigger: CloudEventsTrigger__Output }>;
}

/** A CloudEvent that one of the triggers wants. Data that is none becomes the data of one for the first of them. */
export async function cloudEventCall(
  { name, cloudEvents }: FunctionInfo,
  given: Given,
  { accept }: CloudEventSurroundings,
): Promise<ManualCall> {
  assertFlags(given, 'cloudevent', []);
  if (given.members) throw badEvent('a whole CloudEvent stands for itself, without "$event": see --example');
  const data = jsonOf(given);
  const { subject, ...made } = eventFor(cloudEvents[0]);
  const written = isCloudEvent(data)
    ? { ...made, type: undefined, ...data } // what kind of event it is only itself can say
    : {
        ...made,
        ...(subject === undefined ? {} : { subject }),
        ...(data === undefined ? {} : { datacontenttype: 'application/json', data }),
      };
  const { event, trigger } = await accept(written, cloudEvents).catch((error: unknown) => {
    throw badEvent((error as Error).message);
  });
  const attributes = ['id', 'source', 'type', 'subject'].flatMap((attribute) => {
    const value = event[attribute];
    return typeof value === 'string' ? [attribute, value] : [];
  });
  const { path, topic, group } = trigger;
  if (path === '') attributes.push('topic', topic, 'group', group, 'partition', '0', 'offset', '0', 'attempt', '1');
  const { traceparent } = event;
  return {
    target: {
      kind: 'event',
      function: name,
      contentType: 'application/cloudevents+json',
      trigger: 'TRIGGER_KIND_CLOUDEVENT',
      attributes,
    },
    body: wholeBody(Buffer.from(toJson(event) ?? '')),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  };
}

export function cloudEventExample({ cloudEvents }: FunctionInfo, as: string | undefined): ManualExample {
  const event = { ...eventFor(cloudEvents[0]), datacontenttype: 'application/json', data: {} };
  const flags = as === undefined ? [] : ['--as', as];
  return { event, flags, byFlags: [...flags, '--data', '{}'] };
}

/** One that passes the filters, without data. */
function eventFor(trigger: CloudEventsTrigger__Output | undefined): Members {
  const { types = [], sources = [], subjects = [] } = trigger ?? {};
  const like = (patterns: readonly string[]): string | undefined =>
    (patterns.find((pattern) => !pattern.includes('*')) ?? patterns[0])?.replaceAll('*', 'example');
  const subject = like(subjects);
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: like(sources) ?? '/bottle/invoke',
    type: like(types) ?? 'com.example.event',
    ...(subject === undefined ? {} : { subject }),
    time: new Date().toISOString(),
  };
}

function isCloudEvent(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && 'specversion' in value;
}
