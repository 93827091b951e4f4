import { isUtf8 } from 'node:buffer';
import type { QueueDriver, QueueHeader, QueueMessage, QueueRecord } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { DEAD_LETTER, HANDLED_HEADER, headerText, originalHeaders, RETRY_GROUP_HEADER } from './dead-letter-headers.ts';
import { type MqPlan, ownCall } from './plan.ts';

/** Records that are read at once. */
const PAGE = 500;
/** Most records of one dead-letter topic that are looked at. */
const MAX_SCANNED = 50_000;
/** Most letters that one retry or drop handles; the next one goes on. */
const MAX_HANDLED = 1_000;
const TIMEOUT_MS = 30_000;
/** Reads dead-letter topics without consuming them. */
const READER = 'bottle-dead-letters';

/** A message that was given up. */
export interface DeadLetter {
  /** "0:42", partition and offset in the dead-letter topic. */
  id: string;
  /** ISO 8601 */
  at: string;
  function: string;
  group: string;
  reason: string;
  code: string;
  message: string;
  attempts: number;
  /** Where the message was. */
  origin: { topic: string; partition: number; offset: string; timestamp: string };
  key: string | null;
  /** Parsed when it is JSON, else text; null for a tombstone. */
  value: unknown;
  /** Text; "base64:…" for other bytes, null where a header has no value. */
  headers: Record<string, string | null>;
}

/** A dead-letter topic, in short. */
export interface DeadLetterTopic {
  topic: string;
  resource: string;
  letters: number;
  /** How many of each function. */
  functions: Record<string, number>;
  /** How many for each reason. */
  reasons: Record<string, number>;
  /** ISO 8601; null when it is empty. */
  oldest: string | null;
}

export interface DeadLetterAdminOptions {
  /** Every consumer of this pod. */
  plans(): readonly MqPlan[];
  openQueue(resource: string): Promise<QueueDriver>;
}

type HandleArguments = [
  ids: readonly string[] | 'all',
  how: 'retried' | 'dropped',
  work: (driver: QueueDriver, resource: string, record: QueueRecord) => Promise<void>,
];

interface Source {
  topic: string;
  resource: string;
}

/**
 * The dead letters of this pod's consumers, for operators. What is retried or dropped stays in its topic, followed by a
 * record that says so: topics only grow at their end. Errors are BottleErrors.
 */
export class DeadLetterAdmin {
  readonly #options: DeadLetterAdminOptions;
  /** What is being handled, by topic: two who ask at once handle each letter once. */
  readonly #handling = new Map<string, Promise<unknown>>();

  constructor(options: DeadLetterAdminOptions) {
    this.#options = options;
  }

  async topics(): Promise<DeadLetterTopic[]> {
    return await Promise.all(this.#sources().map((source) => this.#summary(source)));
  }

  /** The first letters, oldest first in each partition. Throws NOT_FOUND. */
  async letters(topic: string, limit: number): Promise<DeadLetter[]> {
    const records = await this.#waiting(this.#sourceOf(topic));
    return records.slice(0, limit).map(describe);
  }

  /**
   * Publishes letters to where they came from, for the group that gave them up alone. When it fails half way, those that
   * were published and not yet marked come twice. Resolves with how many. Throws NOT_FOUND.
   */
  async retry(topic: string, ids: readonly string[] | 'all'): Promise<number> {
    return await this.#handle(topic, ids, 'retried', async (driver, resource, record) => {
      const { headers } = record;
      const origin = headerText(headers, DEAD_LETTER.topic) ?? '';
      const group = headerText(headers, DEAD_LETTER.group) ?? '';
      const value =
        headerText(headers, DEAD_LETTER.valueOmitted) === 'true' ? await valueAt(driver, origin, record) : record.value;
      const again: QueueMessage = {
        key: record.key,
        value,
        headers: [...originalHeaders(record), textHeader(RETRY_GROUP_HEADER, group)],
        partition: undefined,
        delayMs: 0,
        timestampMs: Date.now(),
      };
      await publish(driver, resource, origin, again);
    });
  }

  /** Forgets letters. Resolves with how many. Throws NOT_FOUND. */
  async drop(topic: string, ids: readonly string[] | 'all'): Promise<number> {
    return await this.#handle(topic, ids, 'dropped', async () => {});
  }

  async #handle(topic: string, ...rest: HandleArguments): Promise<number> {
    const before = this.#handling.get(topic) ?? Promise.resolve();
    const handled = before.then(() => this.#handleNow(topic, ...rest));
    const settled = handled
      .catch(() => {})
      .finally(() => {
        if (this.#handling.get(topic) === settled) this.#handling.delete(topic);
      });
    this.#handling.set(topic, settled);
    return await handled;
  }

  async #handleNow(topic: string, ...[ids, how, work]: HandleArguments): Promise<number> {
    const source = this.#sourceOf(topic);
    const waiting = await this.#waiting(source);
    const wanted = ids === 'all' ? waiting.slice(0, MAX_HANDLED) : ids.map((id) => letterOf(waiting, id, topic));
    const driver = await this.#options.openQueue(source.resource);
    for (const record of wanted) {
      await work(driver, source.resource, record);
      const headers = [textHeader(HANDLED_HEADER, `${record.offset} ${how}`)];
      const { partition } = record;
      const mark = { key: undefined, value: undefined, headers, partition, delayMs: 0, timestampMs: Date.now() };
      await publish(driver, source.resource, topic, mark);
    }
    return wanted.length;
  }

  async #summary(source: Source): Promise<DeadLetterTopic> {
    const letters = (await this.#waiting(source)).map(describe);
    const count = (of: (letter: DeadLetter) => string): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const letter of letters) counts[of(letter)] = (counts[of(letter)] ?? 0) + 1;
      return counts;
    };
    return {
      ...source,
      letters: letters.length,
      functions: count((letter) => letter.function),
      reasons: count((letter) => letter.reason),
      oldest: letters.map(({ at }) => at).toSorted()[0] ?? null,
    };
  }

  /** Letters that nobody has handled. */
  async #waiting({ topic, resource }: Source): Promise<QueueRecord[]> {
    const driver = await this.#options.openQueue(resource);
    const partitions = await driver.describe(topic, READER);
    const from = new Map(partitions.map(({ partition, begin }) => [partition, begin]));
    const letters = new Map<string, QueueRecord>();
    for (let scanned = 0; scanned < MAX_SCANNED; ) {
      const records = await driver.browse(topic, from, PAGE);
      if (records.length === 0) break;
      scanned += records.length;
      for (const record of records) {
        from.set(record.partition, record.offset + 1n);
        const [handled] = headerText(record.headers, HANDLED_HEADER)?.split(' ') ?? [];
        if (handled === undefined) letters.set(idOf(record), record);
        else letters.delete(`${record.partition}:${handled}`);
      }
    }
    return [...letters.values()];
  }

  #sources(): Source[] {
    const sources = new Map<string, Source>();
    for (const { deadLetterTopic: topic, resource } of this.#options.plans())
      if (topic !== '') sources.set(topic, { topic, resource });
    return [...sources.values()];
  }

  #sourceOf(topic: string): Source {
    const sources = this.#sources();
    const found = sources.find((source) => source.topic === topic);
    if (found) return found;
    const there = sources.length === 0 ? 'there is none' : `there is ${sources.map((each) => each.topic).join(', ')}`;
    throw new BottleError(Code.NOT_FOUND, 'no-dead-letters', `there is no dead-letter topic "${topic}" (${there})`);
  }
}

/** The value of a message that was too large to travel with the headers of a letter. */
async function valueAt(driver: QueueDriver, topic: string, { headers }: QueueRecord): Promise<Buffer | undefined> {
  const partition = Number(headerText(headers, DEAD_LETTER.partition));
  const offset = BigInt(headerText(headers, DEAD_LETTER.offset) ?? 0);
  const [record] = await driver.browse(topic, new Map([[partition, offset]]), 1);
  if (record?.partition === partition && record.offset === offset) return record.value;
  const message = `the message itself is not at ${topic} ${partition}:${offset} any more`;
  throw new BottleError(Code.NOT_FOUND, 'no-dead-letter', message);
}

async function publish(driver: QueueDriver, resource: string, topic: string, message: QueueMessage): Promise<void> {
  await driver.publish(topic, [message], ownCall(resource, AbortSignal.timeout(TIMEOUT_MS)));
}

function letterOf(waiting: readonly QueueRecord[], id: string, topic: string): QueueRecord {
  const found = waiting.find((record) => idOf(record) === id);
  if (found) return found;
  throw new BottleError(Code.NOT_FOUND, 'no-dead-letter', `there is no letter ${id} in ${topic}, or it was handled`);
}

function describe(record: QueueRecord): DeadLetter {
  const text = (name: string): string => headerText(record.headers, name) ?? '';
  return {
    id: idOf(record),
    at: text(DEAD_LETTER.at),
    function: text(DEAD_LETTER.function),
    group: text(DEAD_LETTER.group),
    reason: text(DEAD_LETTER.reason),
    code: text(DEAD_LETTER.code),
    message: text(DEAD_LETTER.message),
    attempts: Number(text(DEAD_LETTER.attempts)),
    origin: {
      topic: text(DEAD_LETTER.topic),
      partition: Number(text(DEAD_LETTER.partition)),
      offset: text(DEAD_LETTER.offset),
      timestamp: text(DEAD_LETTER.timestamp),
    },
    key: record.key?.toString() ?? null,
    value: shown(record.value),
    headers: Object.fromEntries(originalHeaders(record).map(({ name, value }) => [name, shownHeader(value)])),
  };
}

function shownHeader(value: Buffer | undefined): string | null {
  if (!value) return null;
  return isUtf8(value) ? value.toString() : `base64:${value.toString('base64')}`;
}

function shown(value: Buffer | undefined): unknown {
  if (!value) return null;
  try {
    return JSON.parse(value.toString());
  } catch {
    return value.toString();
  }
}

function idOf({ partition, offset }: QueueRecord): string {
  return `${partition}:${offset}`;
}

function textHeader(name: string, text: string): QueueHeader {
  return { name, value: Buffer.from(text) };
}
