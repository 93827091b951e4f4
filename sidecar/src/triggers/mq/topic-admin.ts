import type { QueueDriver } from '@bottle/capabilities';
import { BottleError } from '@bottle/protos';
import { DEAD_LETTER_TOPIC } from './dead-letters.ts';
import type { MqPlan } from './plan.ts';

/** Looks at topics without consuming them. */
const READER = 'bottle-topics';

/** A topic that consumers of this pod need, and whether it is there. */
export interface NeededTopic {
  topic: string;
  resource: string;
  for: 'messages' | 'dead letters';
  functions: string[];
  /** 0: it is not there. */
  partitions: number;
  /** It was made now. */
  created?: true;
  /** Why it cannot be looked for, or made. */
  problem?: string;
}

export interface TopicAdminOptions {
  /** Every consumer of this pod. */
  plans(): readonly MqPlan[];
  openQueue(resource: string): Promise<QueueDriver>;
}

/** The topics of this pod's consumers, for operators. */
export class TopicAdmin {
  readonly #options: TopicAdminOptions;

  constructor(options: TopicAdminOptions) {
    this.#options = options;
  }

  list(): Promise<NeededTopic[]> {
    return Promise.all(this.#needed().map((needed) => this.#look(needed)));
  }

  /** Makes those that are not there: dead-letter topics as at a start, others as the brokers make them. */
  create(): Promise<NeededTopic[]> {
    return Promise.all(
      this.#needed().map((needed) =>
        this.#look(needed, async (driver) => {
          const settings = needed.for === 'messages' ? {} : DEAD_LETTER_TOPIC;
          return (await driver.ensureTopic(needed.topic, settings)) ? { created: true } : {};
        }),
      ),
    );
  }

  async #look(
    needed: NeededTopic,
    first: (driver: QueueDriver) => Promise<Partial<NeededTopic>> = async () => ({}),
  ): Promise<NeededTopic> {
    try {
      const driver = await this.#options.openQueue(needed.resource);
      const done = await first(driver);
      return { ...needed, ...done, partitions: (await driver.describe(needed.topic, READER)).length };
    } catch (thrown) {
      return { ...needed, problem: BottleError.from(thrown).message };
    }
  }

  #needed(): NeededTopic[] {
    const needed = new Map<string, NeededTopic>();
    for (const { functionName, resource, topic, deadLetterTopic } of this.#options.plans()) {
      for (const [name, purpose] of [
        [topic, 'messages'],
        [deadLetterTopic, 'dead letters'],
      ] as const) {
        if (name === '') continue;
        const key = `${resource} ${name}`;
        const known = needed.get(key);
        if (known) known.functions.push(functionName);
        else needed.set(key, { topic: name, resource, for: purpose, functions: [functionName], partitions: 0 });
      }
    }
    return [...needed.values()];
  }
}
