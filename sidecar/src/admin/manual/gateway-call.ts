import { type FunctionInfo, type GatewayTrigger__Output, toJson } from '@bottle/protos';
import { z } from 'zod';
import { assertFlags, badEvent, type Given, type ManualCall, type ManualExample, wholeBody } from './manual-call.ts';
import { parseMembers } from './parse-given.ts';

const members = z.strictObject({
  appKey: z.string().default(''),
  device: z.string().default(''),
  session: z.record(z.string(), z.unknown()).optional(),
  data: z.unknown().optional(),
});

/** A request that nobody signed, as the gateway hands it on: with the session that the event names, if any. */
export function gatewayCall({ name }: FunctionInfo, trigger: GatewayTrigger__Output, given: Given): ManualCall {
  assertFlags(given, 'gateway', []);
  const { api, version, session: rule } = trigger;
  const { appKey, device, session, data } = parseMembers(members, 'gateway', given.members ?? {});
  if (rule === 'required' && session === undefined)
    throw badEvent(
      `${api} ${version} needs a session, which a whole event has: bottle invoke ${name} --example prints one`,
    );
  if (rule === 'none' && session !== undefined) throw badEvent(`${api} ${version} is called without a session`);
  const attributes = ['api', api, 'version', version, 'appKey', appKey, 'device', device];
  if (session !== undefined) attributes.push('session', toJson(session) ?? '');
  const written = data === undefined ? undefined : Buffer.from(toJson(data) ?? '');
  return {
    target: {
      kind: 'event',
      function: name,
      contentType: given.contentType,
      trigger: 'TRIGGER_KIND_GATEWAY',
      attributes,
    },
    body: wholeBody(written ?? given.data ?? Buffer.alloc(0)),
  };
}

export function gatewayExample(
  { api, version, session }: GatewayTrigger__Output,
  as: string | undefined,
): ManualExample {
  const someone = session === 'required' ? { session: { userId: 'example' } } : {};
  return {
    event: {
      $event: as ?? `gateway:${api}/${version}`,
      appKey: 'example-app',
      device: 'example-device',
      ...someone,
      data: {},
    },
    flags: [],
    ...(session === 'required' ? {} : { byFlags: [...(as === undefined ? [] : ['--as', as]), '--data', '{}'] }),
  };
}
