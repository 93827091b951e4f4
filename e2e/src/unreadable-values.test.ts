// What a pod says of stored values and messages that are no JSON: where they are, how many, and never what they are.
import { connectBottle, type ConnectedBottle } from '@bottle/function-runtime/connect-bottle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';

const SECRET = 'hello, it is a secret';

let pod: TestPod & { sidecar: TestProcess; runtime: TestProcess };
let other: ConnectedBottle;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'unreadable' });
  other = await connectBottle(pod.socketDir, 60_000);
});
afterAll(async () => {
  other?.close();
  await pod?.end();
});

const foreign = () => other.bottle.cache('shared', { codec: 'text' });

it('a subscription passes over a message, which is logged and counted', async () => {
  const answer = fetch(`${pod.url}/listen/news`);
  await pod.runtime.said('listening');
  for (const payload of [SECRET, '{"half', '{"n":1}']) await foreign().publish('news', payload);
  expect(await json(answer)).toEqual({ channel: 'news', value: { n: 1 } });
  const line = await pod.runtime.said('a value cannot be read and is left out');
  expect(line).toMatchObject({ level: 40, resource: 'cache.shared', key: 'news' });
  const metrics = async (): Promise<string> => (await pod.admin('/metrics')).text();
  await expect.poll(metrics, { timeout: 5_000 }).toContain('bottle_left_out_values_total{resource="cache.shared"} 2');
});

it('a read that fails is an internal error to the client, and one in the log with the key', async () => {
  await foreign().set('odd', SECRET);
  const answer = await fetch(`${pod.url}/read/odd`);
  expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('odd')]);
  const line = await pod.runtime.line(({ level }) => level === 50);
  expect(line).toMatchObject({ err: { reason: 'not-json', details: { key: 'odd' } } });
  expect(JSON.stringify([pod.runtime.lines, pod.sidecar.lines])).not.toContain('hello');
});
