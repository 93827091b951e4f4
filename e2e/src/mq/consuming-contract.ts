import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArrivedMessage, ReadTopic } from '../contracts/mq-readers.ts';
import { type JournalLine, MqRun, orders } from '../harness/mq-run.ts';
import { type TestPod, waitFor } from '../harness/pod.ts';

export interface ConsumingTarget {
  /** Settings of the resource; undefined: an embedded one. */
  queue: object | undefined;
  /** Topics as the queue has them. */
  read: ReadTopic;
  createTopics(topics: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const TOPICS = ['work', 'bulk', 'strict', 'work.mq-test.work.dead', 'bulk.mq-test.bulk.dead', 'work.audit.dead'];
const PREFIX = 'bottle-dead-letter-';

/** What consuming promises, whatever queue it is, on real processes. */
export function describeConsuming(
  title: string,
  open: (run: (queue: object | undefined) => MqRun) => Promise<[ConsumingTarget, MqRun]>,
): void {
  describe(`consuming: ${title}`, () => {
    let run: MqRun;
    let pod: TestPod;
    let target: ConsumingTarget;
    beforeAll(async () => {
      [target, run] = await open((queue) => new MqRun(queue));
      await target.createTopics(TOPICS);
      pod = await run.startPod();
    }, 60_000);
    afterAll(async () => {
      await run?.end();
      await target?.close();
    });

    const linesOf = (prefix: string, consumer = 'work'): JournalLine[] =>
      run.journal(consumer).filter(({ id }) => id.startsWith(prefix));
    const endsOf = (prefix: string, consumer = 'work'): string[] =>
      linesOf(prefix, consumer).flatMap(({ phase, id }) => (phase === 'end' ? [id] : []));
    const until = async (count: number, prefix: string, consumer = 'work'): Promise<void> =>
      waitFor(() => new Set(endsOf(prefix, consumer)).size >= count, 30_000);
    const deadOf = async (topic: string, prefix: string): Promise<ArrivedMessage[]> =>
      (await target.read(topic)).filter(({ value }) => value?.toString().includes(prefix));
    const untilDead = async (count: number, topic: string, prefix: string): Promise<ArrivedMessage[]> => {
      await waitFor(async () => (await deadOf(topic, prefix)).length >= count, 30_000);
      return await deadOf(topic, prefix);
    };
    const headersOf = ({ headers }: ArrivedMessage): Record<string, unknown> => Object.fromEntries(headers);

    it('hands over every message once, keys in order, several at a time', async () => {
      const messages = orders(120, 12, () => ({ ms: 10 }), 'plain');
      await run.publish(pod, 'work', messages);
      await until(120, 'plain');
      const ends = linesOf('plain').filter(({ phase }) => phase === 'end');
      expect(ends).toHaveLength(120);
      for (const key of new Set(ends.map((line) => line.key))) {
        const seqs = ends.flatMap((line) => (line.key === key ? [line.seq] : []));
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      }
      let running = 0;
      let most = 0;
      for (const { phase } of linesOf('plain')) most = Math.max(most, (running += phase === 'start' ? 1 : -1));
      expect(most).toBeGreaterThan(2);
      expect(most).toBeLessThanOrEqual(8);
    });

    it('goes on in the trace of its publisher, and says topic, group and attempt', async () => {
      const id = `trace-${randomUUID()}`;
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const value = { id, seq: 1 };
      await run.publish(pod, 'work', [{ value, headers: { trace: 'yes', traceparent, baggage: 'tenant=7' } }]);
      await until(1, id);
      const seen = linesOf(id).find(({ phase }) => (phase as string) === 'trace');
      expect(seen).toMatchObject({
        traceparent,
        baggage: 'tenant=7',
        trigger: 'mq',
        caller: '',
        attributes: { topic: 'work', group: 'mq-test.work', attempt: '1' },
      });
    });

    it('tries a message that fails again, and lets nothing of its key pass it; other keys go on', async () => {
      const messages = [
        { key: 'k', value: { id: 'retry-a', seq: 1, fails: 2 } },
        { key: 'k', value: { id: 'retry-b', seq: 2 } },
        { key: 'other', value: { id: 'retry-c', seq: 3 } },
      ];
      await run.publish(pod, 'work', messages);
      await until(3, 'retry-');
      expect(endsOf('retry-')).toEqual(['retry-c', 'retry-a', 'retry-b']);
      expect(linesOf('retry-a').flatMap(({ phase, attempt }) => (phase === 'start' ? [attempt] : []))).toEqual([
        1, 2, 3,
      ]);
    });

    it('makes a dead letter of what fails each time: the message as it was, why, and where from', async () => {
      const value = { id: 'poison-1', seq: 1, fails: 99 };
      await run.publish(pod, 'work', [
        { key: 'p', value: { id: 'before-poison', seq: 0 } },
        { key: 'p', value, headers: { kind: 'order' } },
        { key: 'p', value: { id: 'after-poison', seq: 2 } },
      ]);
      await until(1, 'after-poison');
      const [letter, ...others] = await untilDead(1, 'work.mq-test.work.dead', 'poison-1');
      expect(others).toEqual([]);
      expect(letter?.key?.toString()).toBe('p');
      expect(JSON.parse(letter?.value?.toString() ?? '')).toEqual(value);
      const headers = headersOf(letter as ArrivedMessage);
      expect(headers).toMatchObject({
        kind: 'order',
        'content-type': 'application/json',
        [`${PREFIX}reason`]: 'function-error',
        [`${PREFIX}code`]: 'INTERNAL',
        [`${PREFIX}message`]: 'poison-1 does not want to',
        [`${PREFIX}attempts`]: '3',
        [`${PREFIX}topic`]: 'work',
        [`${PREFIX}group`]: 'mq-test.work',
        [`${PREFIX}function`]: 'work',
      });
      const origin = (await target.read('work')).find(({ value: bytes }) => bytes?.toString().includes('poison-1'));
      expect(headers[`${PREFIX}partition`]).toBe(String(origin?.partition));
      expect(headers[`${PREFIX}offset`]).toBe(String(origin?.offset));
      expect(headers[`${PREFIX}timestamp`]).toBe(new Date(origin?.timestampMs ?? 0).toISOString());
    });

    it('forgets what the function drops, and waits as long as it asks', async () => {
      const labels = { function: 'work', result: 'dropped' };
      const before = await run.metric(pod, 'bottle_mq_messages_total', labels);
      await run.publish(pod, 'work', [
        { key: 'd', value: { id: 'drop-1', seq: 1, drop: true } },
        { key: 'd', value: { id: 'ask-1', seq: 2, retryAfterMs: 900 } },
      ]);
      await until(1, 'ask-1');
      const [first, second] = linesOf('ask-1').filter(({ phase }) => phase === 'start');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(880);
      expect(linesOf('drop-1').map(({ phase }) => phase)).toEqual(['start']);
      expect(await run.metric(pod, 'bottle_mq_messages_total', labels)).toBe(before + 1);
    });

    it('puts what cannot be read aside at once, in both modes, without the function', async () => {
      const wrong = { value: 'not-json-{' as never, headers: { 'content-type': 'application/json' } };
      await run.publish(pod, 'work', [wrong]);
      const [letter] = await untilDead(1, 'work.mq-test.work.dead', 'not-json-{');
      expect(headersOf(letter as ArrivedMessage)).toMatchObject({
        [`${PREFIX}reason`]: 'invalid-json',
        [`${PREFIX}code`]: 'INVALID_ARGUMENT',
        [`${PREFIX}attempts`]: '1',
      });
      await run.publish(pod, 'bulk', [wrong, { value: { id: 'beside-wrong', seq: 1 } }]);
      await until(1, 'beside-wrong', 'bulk');
      const [ofBatch] = await untilDead(1, 'bulk.mq-test.bulk.dead', 'not-json-{');
      expect(headersOf(ofBatch as ArrivedMessage)).toMatchObject({ [`${PREFIX}attempts`]: '1' });
    });

    it('gives up without dead letters where there are to be none, and counts it', async () => {
      const labels = { function: 'strict', result: 'given-up' };
      await run.publish(pod, 'strict', [
        { key: 's', value: { id: 'strict-1', seq: 'one' as never } },
        { key: 's', value: { id: 'strict-2', seq: 2 } },
      ]);
      await until(1, 'strict-2', 'strict');
      expect(await run.metric(pod, 'bottle_mq_messages_total', labels)).toBe(1);
      expect(linesOf('strict-1', 'strict')).toEqual([]);
    });

    it('hands over batches, at most as large as asked; what fails in one comes again by itself', async () => {
      const messages = orders(60, 0, (at) => (at % 10 === 3 ? { fails: 1 } : {}), 'bulk');
      await run.publish(pod, 'bulk', messages);
      await until(60, 'bulk-', 'bulk');
      const sizes = (run.journal('bulk') as (JournalLine & { ids?: string[] })[]).flatMap(
        ({ ids }) => ids?.length ?? [],
      );
      expect(Math.max(...sizes)).toBeGreaterThan(1);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
      expect(endsOf('bulk-', 'bulk')).toHaveLength(60);
      expect(linesOf('bulk-13', 'bulk').map(({ phase, attempt }) => `${phase} ${attempt}`)).toEqual([
        'start 1',
        'fail 1',
        'start 2',
        'end 2',
      ]);
    });

    it('tries all of a batch again when the function throws', async () => {
      await run.publish(pod, 'bulk', [{ value: { id: 'whole-1', seq: 1 } }, { value: { id: 'whole-2', seq: 2 } }]);
      await waitFor(() => endsOf('whole-', 'bulk').length >= 4, 30_000);
      expect(endsOf('whole-', 'bulk').toSorted()).toEqual(['whole-1', 'whole-1', 'whole-2', 'whole-2']);
    });

    it('never has two messages of one key in batches at the same time, nor out of order', async () => {
      const messages = orders(80, 5, (at) => ({ ms: at % 3, ...(at === 20 ? { fails: 2 } : {}) }), 'lane');
      await run.publish(pod, 'bulk', messages);
      await until(80, 'lane-', 'bulk');
      const running = new Map<string, string>();
      const together: string[] = [];
      const last = new Map<string, number>();
      for (const { phase, key, id, seq } of linesOf('lane-', 'bulk')) {
        if (key === null) continue;
        if (phase === 'start') {
          if (running.has(key) && running.get(key) !== id) together.push(id);
          running.set(key, id);
        } else running.delete(key);
        if (phase !== 'end') continue;
        expect(seq).toBeGreaterThan(last.get(key) ?? -1);
        last.set(key, seq);
      }
      expect(together).toEqual([]);
    });

    it('gives every group every message', async () => {
      await run.publish(
        pod,
        'work',
        orders(20, 4, () => ({}), 'both'),
      );
      await until(20, 'both');
      await until(20, 'both', 'audit');
      expect(endsOf('both', 'audit')).toHaveLength(20);
    });

    it('gets what a function publishes, also with the headers of a message that was sent again for another group', async () => {
      const headers = { 'bottle-retry-group': 'audit' };
      await run.publish(pod, 'work', [{ key: 'g', value: { id: 'handed-on', seq: 1 }, headers }]);
      await until(1, 'handed-on');
      await until(1, 'handed-on', 'audit');
      expect([endsOf('handed-on'), endsOf('handed-on', 'audit')]).toEqual([['handed-on'], ['handed-on']]);
    });

    it('says in metrics what it has done and what is left', async () => {
      const labels = { function: 'work', topic: 'work', group: 'mq-test.work' };
      await waitFor(async () => (await run.metric(pod, 'bottle_mq_lag', labels)) === 0, 10_000);
      expect(await run.metric(pod, 'bottle_mq_joined', labels)).toBe(1);
      expect(await run.metric(pod, 'bottle_mq_retries_total', labels)).toBeGreaterThan(2);
      expect(await run.metric(pod, 'bottle_mq_messages_total', { ...labels, result: 'done' })).toBeGreaterThan(100);
      await run.publish(pod, 'work', [{ key: 'slow', value: { id: 'slow-1', seq: 1, ms: 1_500 } }]);
      await waitFor(async () => (await run.metric(pod, 'bottle_mq_in_flight', labels)) === 1, 5_000);
      await waitFor(async () => (await run.metric(pod, 'bottle_mq_oldest_seconds', labels)) > 0.5, 5_000);
      expect(await run.metric(pod, 'bottle_mq_unfinished', labels)).toBe(1);
      await until(1, 'slow-1');
    });
  });
}
