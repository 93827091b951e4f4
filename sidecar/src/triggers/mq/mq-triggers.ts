import { setTimeout as delay } from 'node:timers/promises';
import type { QueueDriver } from '@bottle/capabilities';
import {
  BottleError,
  Code,
  type FunctionInfo,
  type FunctionTable__Output,
  type MqTrigger__Output,
} from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import type { TriggerSource } from '../../layer.ts';
import { ensureDeadLetterTopic } from './dead-letter-topic.ts';
import { createFunctionDelivery } from './function-delivery.ts';
import type { MqLog, MqObserver, MqPlan } from './plan.ts';
import { type ConsumerGauge, TriggerConsumer } from './trigger-consumer.ts';

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;

export interface MqTriggersOptions {
  carryEvent: CarryEvent;
  /** The first of so many ids of invocations that count up. */
  nextIds(count: number): string;
  /** The driver of an `mq` resource. Rejects with NOT_FOUND when nobody configured it. */
  openQueue(resource: string): Promise<QueueDriver>;
  /** Further consumers that a table asks for. */
  otherPlans?(table: FunctionTable__Output): MqPlan[];
  observer: MqObserver;
  log: MqLog;
}

/** A consumer as `bottle mq list` shows it. */
export interface ConsumerStatus {
  function: string;
  resource: string;
  topic: string;
  group: string;
  /** Why it gets no messages now, or has nowhere to put those that it gives up. */
  problem?: string;
  partitions: {
    partition: number;
    lag: number;
    unfinished: number;
    broken?: Record<'offset' | 'next' | 'reason', string>;
    /** The message whose dead letter cannot be written, which the partition waits for. */
    held?: Record<'offset' | 'reason', string>;
  }[];
}

/** Where a batch is that is to be passed over. */
export interface SkippedBatch {
  topic: string;
  partition: number;
  offset: bigint;
  /** Undefined: every group of this pod. */
  group: string | undefined;
}

/** One consumer, from when its function asks for it. */
interface Entry {
  plan: MqPlan;
  consumer: TriggerConsumer | undefined;
  /** Why it cannot even begin. */
  problem: BottleError | undefined;
  /** Why it has nowhere to put its dead letters. */
  noDeadLetters: string | undefined;
  /** Aborts when it is not asked for any more. */
  ending: AbortController;
}

/** The `mq` triggers of all functions. */
export class MqTriggers implements TriggerSource {
  readonly #options: MqTriggersOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those that end, until they have. */
  readonly #ending = new Set<TriggerConsumer>();
  #isServing = false;
  #isDraining = false;

  constructor(options: MqTriggersOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#consumers().reduce((total, { inFlight }) => total + inFlight, 0);
  }

  /** Every consumer, for metrics. */
  get gauges(): ConsumerGauge[] {
    return this.#consumers().map(({ gauge }) => gauge);
  }

  /** The plans of all consumers, those that cannot begin included. */
  get plans(): MqPlan[] {
    return [...this.#entries.values()].map(({ plan }) => plan);
  }

  /** Every consumer, for operators. */
  describe(): ConsumerStatus[] {
    return [...this.#entries.values()].map(({ plan, consumer, problem, noDeadLetters }) => {
      const { functionName, resource, topic, group } = plan;
      const why = problem?.message ?? consumer?.problem ?? noDeadLetters;
      return {
        function: functionName,
        resource: `mq.${resource}`,
        topic,
        group,
        ...(why === undefined ? {} : { problem: why }),
        partitions: (consumer?.gauge.partitions ?? []).map(({ partition, lag, unfinished, broken, held }) => ({
          partition,
          lag,
          unfinished,
          ...(broken
            ? { broken: { offset: String(broken.offset), next: String(broken.next), reason: broken.reason } }
            : {}),
          ...(held ? { held: { offset: String(held.offset), reason: held.reason } } : {}),
        })),
      };
    });
  }

  /**
   * Has a consumer go on behind a batch that cannot be read. Throws NOT_FOUND (`no-broken-batch`) where none stands in the way
   * in this pod.
   */
  skip({ topic, partition, offset, group }: SkippedBatch): void {
    const consumers = [...this.#entries.values()].filter(
      ({ plan }) => plan.topic === topic && (group === undefined || plan.group === group),
    );
    const skipped = consumers.filter(({ consumer }) => consumer?.skip(partition, offset));
    if (skipped.length > 0) return;
    const message = `no consumer of this pod stands before offset ${offset} of partition ${partition} of ${topic}`;
    throw new BottleError(Code.NOT_FOUND, 'no-broken-batch', message);
  }

  /** Triggers that cannot work until somebody changes the configuration: nobody defines their resource. */
  get misconfigured(): string[] {
    return [...this.#entries.values()].flatMap(({ plan: { functionName, topic }, problem }) =>
      problem?.reason === 'no-resource' ? [`${functionName} cannot consume ${topic}: ${problem.message}`] : [],
    );
  }

  apply(table: FunctionTable__Output): void {
    if (this.#isDraining) return;
    const plans = new Map(
      [...this.#plansOf(table), ...(this.#options.otherPlans?.(table) ?? [])].map((plan) => [plan.id, plan]),
    );
    for (const [id, entry] of this.#entries) {
      const plan = plans.get(id);
      if (!plan) this.#end(id, entry);
      else {
        entry.plan = plan;
        entry.consumer?.update(plan);
        entry.consumer?.setServing(this.#isServing && plan.isReady);
      }
    }
    for (const [id, plan] of plans) if (!this.#entries.has(id)) this.#begin(id, plan);
  }

  setServing(serving: boolean): void {
    this.#isServing = serving;
    for (const { plan, consumer } of this.#entries.values()) consumer?.setServing(serving && plan.isReady);
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const { ending } of this.#entries.values()) ending.abort();
    await Promise.all(this.#consumers().map((consumer) => consumer.drain()));
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    for (const { ending } of this.#entries.values()) ending.abort();
    await Promise.all(this.#consumers().map((consumer) => consumer.close()));
  }

  #consumers(): TriggerConsumer[] {
    return [...this.#ending, ...[...this.#entries.values()].flatMap(({ consumer }) => consumer ?? [])];
  }

  #begin(id: string, plan: MqPlan): void {
    const entry: Entry = {
      plan,
      consumer: undefined,
      problem: undefined,
      noDeadLetters: undefined,
      ending: new AbortController(),
    };
    this.#entries.set(id, entry);
    void this.#open(entry);
  }

  /** Until the resource can be opened. */
  async #open(entry: Entry): Promise<void> {
    const { openQueue, observer, log } = this.#options;
    const { signal } = entry.ending;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        const driver = await openQueue(entry.plan.resource);
        if (signal.aborted) return;
        entry.problem = undefined;
        entry.consumer = new TriggerConsumer({ plan: entry.plan, driver, observer, log });
        entry.consumer.setServing(this.#isServing && entry.plan.isReady);
        const onProblem = (problem: string | undefined): void => void (entry.noDeadLetters = problem);
        return await ensureDeadLetterTopic({ plan: entry.plan, driver, log, signal, onProblem });
      } catch (thrown) {
        if (signal.aborted) return;
        const { functionName, resource, topic } = entry.plan;
        const problem = BottleError.from(thrown);
        const { message: reason } = problem;
        if (reason !== entry.problem?.message)
          log.error({ function: functionName, resource: `mq.${resource}`, topic, reason }, 'mq trigger cannot start');
        entry.problem = problem;
      }
      await delay(pauseMs, undefined, { signal }).catch(() => {}); // ending: asked below
      if (signal.aborted) return;
    }
  }

  #end(id: string, { consumer, ending }: Entry): void {
    this.#entries.delete(id);
    ending.abort();
    if (!consumer) return;
    this.#ending.add(consumer);
    void consumer.drain().finally(() => this.#ending.delete(consumer));
  }

  #plansOf(table: FunctionTable__Output): MqPlan[] {
    return table.functions.flatMap((info) => info.mq.map((trigger) => this.#planOf(info, trigger)));
  }

  #planOf(info: FunctionInfo, trigger: MqTrigger__Output): MqPlan {
    const { carryEvent, nextIds } = this.#options;
    const { resource, topic, group, batch } = trigger;
    const { name: functionName } = info;
    return {
      // Another way of calling the function is another consumer.
      id: JSON.stringify([
        functionName,
        resource,
        topic,
        group,
        batch === 0,
        trigger.fromBeginning,
        trigger.deadLetterTopic,
      ]),
      functionName,
      resource,
      topic,
      group,
      fromBeginning: trigger.fromBeginning,
      batch: batch === 0 ? undefined : batch,
      batchWaitMs: trigger.batchWaitMs,
      // More than the function has places for would only stand in line.
      concurrency: Math.min(trigger.concurrency, info.concurrency),
      attempts: trigger.attempts,
      backoffMs: trigger.backoffMs,
      maxBackoffMs: trigger.maxBackoffMs,
      deadLetterTopic: trigger.deadLetterTopic,
      isReady: info.state === 'FUNCTION_STATE_READY',
      invoke: createFunctionDelivery({ carryEvent, nextIds, functionName, trigger }),
    };
  }
}
