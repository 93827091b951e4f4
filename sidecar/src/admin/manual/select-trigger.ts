import type {
  CloudEventsTrigger__Output,
  FunctionInfo,
  GatewayTrigger__Output,
  HttpRoute__Output,
  MqTrigger__Output,
  RpcTrigger__Output,
  TimerTrigger__Output,
} from '@bottle/protos';
import { badEvent } from './manual-call.ts';

/** What an event is made for. Routes and filters of CloudEvents are many: the event itself says which it is for. */
export type ManualTrigger =
  | { kind: 'event' }
  | { kind: 'http'; routes: readonly HttpRoute__Output[] }
  | { kind: 'mq'; trigger: MqTrigger__Output }
  | { kind: 'timer'; trigger: TimerTrigger__Output }
  | { kind: 'rpc'; trigger: RpcTrigger__Output }
  | { kind: 'cloudevent'; triggers: readonly CloudEventsTrigger__Output[] }
  | { kind: 'gateway'; trigger: GatewayTrigger__Output };

const KINDS: readonly ManualTrigger['kind'][] = ['event', 'http', 'mq', 'timer', 'rpc', 'cloudevent', 'gateway'];

interface Choice {
  selected: ManualTrigger;
  /** What may stand behind the kind and a colon, the usual one first. */
  names: readonly string[];
}

/** The trigger that is meant by "mq", "mq:orders" or nothing. Throws INVALID_ARGUMENT where that is not exactly one. */
export function selectTrigger(info: FunctionInfo, as: string | undefined): ManualTrigger {
  const choices = choicesOf(info);
  const [only] = choices;
  if (as === 'event' || (as === undefined && !only)) return { kind: 'event' };
  if (as === undefined) {
    if (only && choices.length === 1) return only.selected;
    throw badEvent(`${info.name} has several triggers, say which: ${listed(choices)}`);
  }
  const [, kind = '', name] = /^([^:]*)(?::(.*))?$/s.exec(as) ?? [];
  if (!KINDS.some((each) => each === kind))
    throw badEvent(`--as is one of ${KINDS.join(', ')}, not ${JSON.stringify(kind)}`);
  const ofKind = choices.filter(({ selected }) => selected.kind === kind);
  const meant = name === undefined ? ofKind : ofKind.filter(({ names }) => names.includes(name));
  const [first] = meant;
  if (first && meant.length === 1) return first.selected;
  if (first) throw badEvent(`${info.name} has several ${kind} triggers, say which: ${listed(choices, kind)}`);
  const what = name === undefined || ofKind.length === 0 ? `no ${kind} trigger` : `no ${kind} trigger "${name}"`;
  throw badEvent(`${info.name} has ${what}: ${listed(choices)}`);
}

/** What has to be said to mean this trigger; undefined: nothing, it is the only one. */
export function nameOf(info: FunctionInfo, { kind, ...rest }: ManualTrigger): string | undefined {
  const choices = choicesOf(info);
  if (kind === 'event') return choices.length === 0 ? undefined : 'event';
  if (choices.length === 1) return undefined;
  const trigger = 'trigger' in rest ? rest.trigger : undefined;
  const own = choices.find(
    ({ selected }) => selected.kind === kind && (!('trigger' in selected) || selected.trigger === trigger),
  );
  return own && flagOf(own, choices);
}

function choicesOf({ http, mq, timers, rpc, cloudEvents, gateway }: FunctionInfo): Choice[] {
  return [
    ...(http.length > 0 ? [{ selected: { kind: 'http' as const, routes: http }, names: [] }] : []),
    ...mq.map((trigger) => {
      const { resource, topic, group } = trigger;
      const isOnly = mq.filter((each) => each.topic === topic).length === 1;
      const whole = [`${resource}/${topic}/${group}`, `${resource}/${topic}`];
      return { selected: { kind: 'mq' as const, trigger }, names: isOnly ? [topic, ...whole] : whole };
    }),
    ...timers.map((trigger) => ({ selected: { kind: 'timer' as const, trigger }, names: [trigger.name] })),
    ...rpc.map((trigger) => {
      const { service, method } = trigger;
      return { selected: { kind: 'rpc' as const, trigger }, names: [`${service}/${method}`, method] };
    }),
    ...(cloudEvents.length > 0
      ? [{ selected: { kind: 'cloudevent' as const, triggers: cloudEvents }, names: [] }]
      : []),
    ...gateway.map((trigger) => {
      const { api, version } = trigger;
      return { selected: { kind: 'gateway' as const, trigger }, names: [`${api}/${version}`, api] };
    }),
  ];
}

/** "--as http, --as mq:orders, --as mq:returns, or --as event: the data as it is" */
function listed(choices: readonly Choice[], kind?: string): string {
  const flags = choices
    .filter(({ selected }) => kind === undefined || selected.kind === kind)
    .map((choice) => `--as ${flagOf(choice, choices)}`);
  if (kind !== undefined) return flags.join(', ');
  return [...flags, `${flags.length > 0 ? 'or ' : ''}--as event: the data as it is`].join(', ');
}

function flagOf({ selected, names }: Choice, choices: readonly Choice[]): string {
  const isOnlyOfKind = choices.filter((each) => each.selected.kind === selected.kind).length === 1;
  const [name] = names;
  return isOnlyOfKind || name === undefined ? selected.kind : `${selected.kind}:${name}`;
}
