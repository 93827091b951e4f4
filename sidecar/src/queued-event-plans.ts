import type { CloudEventsTrigger__Output, FunctionInfo, FunctionTable__Output } from '@bottle/protos';
import type { DeliverQueued } from './triggers/cloudevents/queued-events.ts';
import { DONE, outcomeOf } from './triggers/mq/outcome.ts';
import type { MqPlan } from './triggers/mq/plan.ts';

/** What serverless.yml says of an `mq` trigger where its author says nothing. */
const DEFAULTS = {
  fromBeginning: true,
  batch: undefined,
  batchWaitMs: 0,
  concurrency: 16,
  attempts: 5,
  backoffMs: 1_000,
  maxBackoffMs: 60_000,
};

/** The consumers that `cloudevents` triggers with a resource ask for: one for each function, topic and group. */
export function queuedEventPlans(table: FunctionTable__Output, deliver: DeliverQueued): MqPlan[] {
  return table.functions.flatMap((info) => {
    const queued = info.cloudEvents.filter(({ resource }) => resource !== '');
    const byConsumer = Map.groupBy(queued, ({ resource, topic, group }) => JSON.stringify([resource, topic, group]));
    return [...byConsumer.values()].flatMap(([first, ...others]) =>
      first ? [planOf(info, [first, ...others], deliver)] : [],
    );
  });
}

function planOf(
  info: FunctionInfo,
  triggers: readonly [CloudEventsTrigger__Output, ...CloudEventsTrigger__Output[]],
  deliver: DeliverQueued,
): MqPlan {
  const [{ resource, topic, group }] = triggers;
  const { name: functionName } = info;
  return {
    ...DEFAULTS,
    id: JSON.stringify(['cloudevents', functionName, resource, topic, group]),
    functionName,
    resource,
    topic,
    group,
    concurrency: Math.min(DEFAULTS.concurrency, info.concurrency),
    deadLetterTopic: `${topic}.${group}.dead`,
    isReady: info.state === 'FUNCTION_STATE_READY',
    async invoke(messages, settle, signal) {
      for (const [at, { record, attempt }] of messages.entries()) {
        void deliver(functionName, triggers, { ...record, topic, group, attempt }, signal).then((error) =>
          settle(at, error ? outcomeOf(error) : DONE),
        );
      }
    },
  };
}
