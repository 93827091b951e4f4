import { type FunctionInfo, parseExactJson, type TimerTrigger__Output, toJson } from '@bottle/protos';
import { z } from 'zod';
import { assertFlags, type Given, type ManualCall, type ManualExample, wholeBody } from './manual-call.ts';
import { jsonOf, parseMembers } from './parse-given.ts';

const whole = z.int().min(0);
const members = z.strictObject({
  scheduledAt: z.iso.datetime({ offset: true }).optional(),
  payload: z.unknown().optional(),
  shard: z
    .strictObject({ index: whole, count: whole.min(1) })
    .refine(({ index, count }) => index < count, 'expected an index below the count')
    .default({ index: 0, count: 1 }),
});

/** A tick that is fired by hand; without a payload it has the schedule's own. */
export function tickCall({ name }: FunctionInfo, trigger: TimerTrigger__Output, given: Given): ManualCall {
  assertFlags(given, 'timer', []);
  const { scheduledAt, payload, shard } = parseMembers(members, 'timer', given.members ?? { payload: jsonOf(given) });
  const attributes = {
    schedule: trigger.name,
    scheduledAt: (scheduledAt === undefined ? new Date() : new Date(scheduledAt)).toISOString(),
    manual: 'true',
    shardIndex: String(shard.index),
    shardCount: String(shard.count),
  };
  return {
    target: {
      kind: 'event',
      function: name,
      contentType: 'application/json',
      trigger: 'TRIGGER_KIND_TIMER',
      attributes: Object.entries(attributes).flat(),
    },
    body: wholeBody(Buffer.from(payload === undefined ? trigger.payloadJson : (toJson(payload) ?? ''))),
  };
}

export function tickExample({ name, payloadJson }: TimerTrigger__Output, as: string | undefined): ManualExample {
  const payload = payloadJson === '' ? {} : parseExactJson(payloadJson);
  return {
    event: { $event: as ?? `timer:${name}`, scheduledAt: new Date().toISOString(), payload },
    flags: [],
    byFlags: [...(as === undefined ? [] : ['--as', as]), '--data', toJson(payload) ?? 'null'],
  };
}
