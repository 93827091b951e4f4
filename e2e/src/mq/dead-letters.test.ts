import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MqRun, orders } from '../harness/mq-run.ts';
import { type TestPod, waitFor } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';

const brokers = inject('kafkaBrokers');
const queues: [title: string, queue: object | undefined][] = [['the embedded queue', undefined]];
if (brokers !== undefined) {
  const topicPrefix = `dlq-${process.pid}-${Date.now().toString(36)}.`;
  queues.push(['Kafka', { driver: 'kafka', brokers: brokers.split(','), topicPrefix }]);
}
const DEAD = 'work.mq-test.work.dead';

interface Letter {
  id: string;
  function: string;
  reason: string;
  attempts: number;
  value: { id: string };
  origin: { topic: string };
}

describe.each(queues)('dead letters: %s', (_title, queue) => {
  let run: MqRun;
  let pod: TestPod;
  beforeAll(async () => {
    run = new MqRun(queue);
    pod = await run.startPod();
  }, 60_000);
  afterAll(() => run?.end());

  const dlq = async (...args: string[]): Promise<string> => {
    const command = [join(ROOT, 'cli/bin/bottle.js'), 'dlq', ...args, '--admin-port', String(pod.adminPort)];
    return (await promisify(execFile)(process.execPath, command)).stdout;
  };
  const letters = async (): Promise<Letter[]> =>
    JSON.parse(await dlq('show', DEAD, '--limit', '100', '--json')) as Letter[];
  const finished = (id: string, consumer: string): number =>
    run.journal(consumer).filter((line) => line.id === id && line.phase === 'end').length;

  it('are listed and shown, sent again to the group that gave them up alone, and dropped', async () => {
    // `work` tries three times, `audit` twice: both give it up; after one more round each has tried often enough.
    await run.publish(
      pod,
      'work',
      orders(3, 0, () => ({ fails: 3 }), 'poison'),
    );
    await run.publish(
      pod,
      'work',
      orders(5, 0, () => ({}), 'good'),
    );
    await waitFor(async () => (await letters()).length === 3, 30_000);
    await waitFor(() => run.finished().size === 5, 30_000);
    expect(await dlq('list')).toMatch(/work\.mq-test\.work\.dead\s+mq\.queue\s+3\s+work 3\s+function-error 3/);
    expect(await letters()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          function: 'work',
          reason: 'function-error',
          attempts: 3,
          value: expect.objectContaining({ id: 'poison-0' }),
        }),
      ]),
    );
    const [first, second, third] = await letters();
    expect(await dlq('show', DEAD, first?.id ?? '')).toContain('after 3 tries');

    // A message that is sent again begins with its first try, and would fail as before.
    expect(await dlq('retry', DEAD, first?.id ?? '')).toBe('sent again: 1\n');
    await waitFor(
      () => run.journal('work').filter(({ id, phase }) => id === first?.value.id && phase === 'fail').length === 6,
      30_000,
    );
    await waitFor(async () => (await letters()).length === 3, 30_000); // the others, and that one anew
    expect(run.journal('audit').filter(({ id, phase }) => id === first?.value.id && phase === 'fail')).toHaveLength(2);

    expect(await dlq('drop', DEAD, second?.id ?? '', third?.id ?? '')).toBe('dropped: 2\n');
    expect(await letters()).toHaveLength(1);
    expect(await dlq('drop', DEAD, '--all')).toBe('dropped: 1\n');
    expect(await letters()).toEqual([]);
    expect(finished('good-0', 'audit')).toBe(1);
  });

  it('are each handled once by several who handle all of them at once', async () => {
    await run.publish(
      pod,
      'work',
      orders(10, 0, () => ({ fails: 3 }), 'again'),
    );
    await waitFor(async () => (await letters()).length === 10, 30_000);
    const drop = async (): Promise<number> => {
      const answer = await pod.admin(`/dead-letters/${DEAD}/drop`, { method: 'POST', body: '{"all":true}' });
      return ((await answer.json()) as { count: number }).count;
    };
    const counts = await Promise.all([drop(), drop(), drop()]);
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 10]);
  });

  it('of an unknown topic or id are refused with what there is', async () => {
    await expect(dlq('show', 'work.mq-test.work.ded')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`did you mean "${DEAD}"?`) as string,
    });
    await expect(dlq('retry', DEAD, '0:999999')).rejects.toMatchObject({ code: 1 });
    await expect(dlq('retry', DEAD)).rejects.toMatchObject({ code: 64 });
    await expect(dlq('lisst')).rejects.toMatchObject({ code: 64 });
  });
});
