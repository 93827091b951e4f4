// What was published to a topic, what its consumer wrote into the journal, and how the two add up.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from './json.ts';
import { TestPod, type TestPodOptions, waitFor } from './pod.ts';
import type { TestProcess } from './process.ts';

/** A line of the journal. */
export interface JournalLine {
  consumer: string;
  phase: 'start' | 'end' | 'fail';
  id: string;
  seq: number;
  key: string | null;
  attempt: number;
  pid: number;
  at: number;
}

interface PublishedOrder {
  id: string;
  seq: number;
  [wish: string]: unknown;
}

/** A message as the project's `publish` takes it. */
export interface OutgoingOrder {
  key?: string;
  value: PublishedOrder;
  headers?: Record<string, string>;
  partition?: number;
}

/** How a run added up. */
export interface Reconciliation {
  fault: string;
  published: number;
  /** Messages that the function finished, each counted once. */
  processed: number;
  /** Further times that it finished one. */
  duplicates: number;
  deadLettered: number;
  /** Neither processed nor dead. */
  lost: number;
  /** Messages of one key that were first finished before one that was published earlier. */
  orderViolations: number;
  /** Messages of one key that ran at the same time in processes that were both alive. */
  overlaps: number;
}

/** Pods that share a queue, and a journal. */
export class MqRun {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'bottle-mq-'));
  readonly journalFile: string;
  readonly published: OutgoingOrder[] = [];
  readonly #config: string;
  readonly #pods: TestPod[] = [];

  /** `queue`: the settings of the resource; without them, an embedded one in a file that the pods share. */
  constructor(queue: object | undefined) {
    this.journalFile = join(this.directory, 'journal');
    writeFileSync(this.journalFile, '');
    this.#config = join(this.directory, 'sidecar.yml');
    const embedded = { driver: 'embedded', file: join(this.directory, 'queue.sqlite') };
    writeFileSync(this.#config, JSON.stringify({ resources: { mq: { queue: queue ?? embedded } } }));
  }

  /** A pod that is ready. */
  async startPod(
    sidecarArgs: readonly string[] = [],
  ): Promise<TestPod & { sidecar: TestProcess; runtime: TestProcess }> {
    const pod = await TestPod.start(this.#podOptions(sidecarArgs));
    this.#pods.push(pod);
    return pod;
  }

  /** A pod of which nothing runs yet. */
  preparePod(sidecarArgs: readonly string[] = []): TestPod {
    const pod = new TestPod(this.#podOptions(sidecarArgs));
    this.#pods.push(pod);
    return pod;
  }

  #podOptions(sidecarArgs: readonly string[]): TestPodOptions {
    return {
      project: 'mq',
      sidecarArgs: ['--config', this.#config, ...sidecarArgs],
      env: { JOURNAL: this.journalFile },
    };
  }

  /** Publishes in order; resolves when all are acknowledged. */
  async publish(pod: TestPod, topic: string, messages: readonly OutgoingOrder[]): Promise<void> {
    const response = await fetch(`${pod.url}/publish/${topic}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(messages),
    });
    if (!response.ok) throw new Error(`publish: ${await response.text()}`);
    await response.json();
    this.published.push(...messages);
  }

  journal(consumer = 'work'): JournalLine[] {
    if (!existsSync(this.journalFile)) return [];
    return readFileSync(this.journalFile, 'utf8')
      .split('\n')
      .flatMap((text) => (text === '' ? [] : [JSON.parse(text) as JournalLine]))
      .filter((line) => line.consumer === consumer);
  }

  /** Ids that the function has finished. */
  finished(consumer = 'work'): Set<string> {
    return new Set(this.journal(consumer).flatMap(({ phase, id }) => (phase === 'end' ? [id] : [])));
  }

  async untilFinished(count: number, consumer = 'work', timeoutMs = 60_000): Promise<void> {
    await waitFor(() => this.finished(consumer).size >= count, timeoutMs).catch(() => {
      throw new Error(`${this.finished(consumer).size} of ${count} messages finished within ${timeoutMs} ms`);
    });
  }

  /** Adds up, and prints a row of the table. */
  reconcile(fault: string, { consumer = 'work', dead = [] as readonly string[] } = {}): Reconciliation {
    const lines = this.journal(consumer);
    const ends = lines.filter(({ phase }) => phase === 'end');
    const finished = new Set(ends.map(({ id }) => id));
    const deadIds = new Set(dead);
    const result: Reconciliation = {
      fault,
      published: this.published.length,
      processed: finished.size,
      duplicates: ends.length - finished.size,
      deadLettered: deadIds.size,
      lost: this.published.filter(({ value }) => !finished.has(value.id) && !deadIds.has(value.id)).length,
      orderViolations: orderViolations(ends),
      overlaps: overlaps(lines),
    };
    process.stdout.write(`mq reconciliation: ${JSON.stringify(result)}\n`);
    return result;
  }

  /** The metric's value, of the samples that have all these labels, added up. */
  async metric(pod: TestPod, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await pod.admin('/metrics')).text();
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return text
      .split('\n')
      .filter(
        (line) =>
          (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && wanted.every((label) => line.includes(label)),
      )
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** What keeps it from being ready, and what does not work besides. */
  async readiness(pod: TestPod): Promise<string[]> {
    const { missing = [], degraded = [] } = await json<Record<string, string[]>>(pod.admin('/readyz'));
    return [...missing, ...degraded];
  }

  async end(): Promise<void> {
    await Promise.all(this.#pods.map((pod) => pod.end()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function orderViolations(ends: readonly JournalLine[]): number {
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  let violations = 0;
  for (const { key, seq, id } of ends) {
    if (key === null || seen.has(id)) continue;
    seen.add(id);
    const before = highest.get(key) ?? -1;
    if (seq < before) violations += 1;
    else highest.set(key, seq);
  }
  return violations;
}

/** Messages that began while another one of their key ran in a process that wrote something later. */
function overlaps(lines: readonly JournalLine[]): number {
  const running = new Map<string, { id: string; pid: number }>();
  const lastLine = new Map(lines.map(({ pid }, at) => [pid, at]));
  let count = 0;
  for (const [at, { key, id, pid, phase }] of lines.entries()) {
    if (key === null) continue;
    const current = running.get(key);
    if (phase === 'start') {
      const isAlive = current !== undefined && (lastLine.get(current.pid) ?? 0) > at;
      if (current && isAlive && (current.id !== id || current.pid !== pid)) count += 1;
      running.set(key, { id, pid });
    } else if (current?.id === id && current.pid === pid) running.delete(key);
  }
  return count;
}

/** Messages with unique ids, over so many keys, each key's in the order of `seq`. */
export function orders(
  count: number,
  keys: number,
  wish: (at: number) => object = () => ({}),
  prefix = 'm',
): OutgoingOrder[] {
  return Array.from({ length: count }, (_, at) => ({
    ...(keys > 0 ? { key: `${prefix}key-${at % keys}` } : {}),
    value: { id: `${prefix}-${at}`, seq: at, ...wish(at) },
  }));
}
