import type { FunctionInfo } from '@bottle/protos';
import { cloudEventCall, cloudEventExample, type CloudEventSurroundings } from './manual/cloud-event-call.ts';
import { gatewayCall, gatewayExample } from './manual/gateway-call.ts';
import { httpCall, type HttpSurroundings } from './manual/http-call.ts';
import { httpExample } from './manual/http-example.ts';
import {
  assertFlags,
  badEvent,
  type Given,
  type ManualCall,
  type ManualExample,
  wholeBody,
} from './manual/manual-call.ts';
import { messageCall, messageExample } from './manual/message-call.ts';
import { rpcCall, rpcExample, type RpcSurroundings } from './manual/rpc-call.ts';
import { nameOf, selectTrigger } from './manual/select-trigger.ts';
import { tickCall, tickExample } from './manual/tick-call.ts';

/** What calls by hand have to do with besides their function. */
export type ManualSurroundings = HttpSurroundings & CloudEventSurroundings & RpcSurroundings;

/** What a function gets when it is called by hand: as if its trigger had brought it. Throws INVALID_ARGUMENT. */
export function manualCall(
  info: FunctionInfo,
  given: Given,
  surroundings: ManualSurroundings,
): ManualCall | Promise<ManualCall> {
  const selected = selectTrigger(info, given.as);
  switch (selected.kind) {
    case 'http':
      return httpCall(info, given, surroundings);
    case 'mq':
      return messageCall(info, selected.trigger, given);
    case 'timer':
      return tickCall(info, selected.trigger, given);
    case 'rpc':
      return rpcCall(info, selected.trigger, given, surroundings);
    case 'cloudevent':
      return cloudEventCall(info, given, surroundings);
    case 'gateway':
      return gatewayCall(info, selected.trigger, given);
    case 'event':
      return directCall(info, given);
  }
}

/** An event that `manualCall` takes, with everything that may stand in it. */
export function manualExample(
  info: FunctionInfo,
  as: string | undefined,
  surroundings: ManualSurroundings,
): ManualExample | Promise<ManualExample> {
  const selected = selectTrigger(info, as);
  const name = nameOf(info, selected);
  switch (selected.kind) {
    case 'http':
      return httpExample(info, surroundings, name);
    case 'mq':
      return messageExample(selected.trigger, name);
    case 'timer':
      return tickExample(selected.trigger, name);
    case 'rpc':
      return rpcExample(selected.trigger, surroundings, name);
    case 'cloudevent':
      return cloudEventExample(info, name);
    case 'gateway':
      return gatewayExample(selected.trigger, name);
    case 'event':
      return { event: {}, flags: name === undefined ? [] : ['--as', name] };
  }
}

/** As another function calls it. */
function directCall({ name }: FunctionInfo, given: Given): ManualCall {
  assertFlags(given, 'a direct call', []);
  if (given.members) throw badEvent('the event of a direct call stands for itself, without "$event"');
  const { contentType, data = Buffer.alloc(0) } = given;
  return {
    target: { kind: 'event', function: name, contentType, trigger: 'TRIGGER_KIND_EVENT', attributes: [] },
    body: wholeBody(data),
  };
}
