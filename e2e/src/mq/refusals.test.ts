// Whose fault it is that a message fails: a table that is created two seconds later, and a message that is no good.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const TOPICS = ['plain', 'transaction', 'whole', 'marked', 'library'];
const mysqlUrl = inject('mysqlUrl');
const databases: [title: string, db: (directory: string) => object][] = [
  ['SQLite', (directory) => ({ driver: 'sqlite', file: join(directory, 'shop.sqlite') })],
];
if (mysqlUrl !== undefined) databases.push(['MySQL', () => ({ driver: 'mysql', url: mysqlUrl })]);

describe.each(databases)('messages whose table is not there yet: %s', (_title, db) => {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-late-'));
  let pod: TestPod;
  beforeAll(async () => {
    const config = join(directory, 'sidecar.yml');
    const queue = { driver: 'embedded', file: join(directory, 'queue.sqlite') };
    writeFileSync(config, JSON.stringify({ resources: { mq: { queue }, db: { shop: db(directory) } } }));
    const env = { TABLE: `late_${process.pid}_${Date.now().toString(36)}` };
    pod = await TestPod.start({ project: 'late-table', sidecarArgs: ['--config', config], env });
  });
  afterAll(async () => {
    await post('/remove');
    await pod?.end();
    rmSync(directory, { recursive: true, force: true });
  });

  const post = (path: string): Promise<Response> => fetch(pod.url + path, { method: 'POST' });
  const saved = (): Promise<Record<string, number>> => json(fetch(`${pod.url}/saved`));
  const dead = async (): Promise<Record<string, number>> => {
    const { topics } = await json<{ topics: { topic: string; letters: number }[] }>(pod.admin('/dead-letters'));
    return Object.fromEntries(topics.map(({ topic, letters }) => [topic.replace(/\..*/, ''), letters]));
  };

  it('are tried until it is, however they fail by it; one that the function refuses is dead at once', async () => {
    for (const topic of [...TOPICS, 'refusing']) expect((await post(`/publish/${topic}`)).status).toBe(204);
    await delay(2_000); // so late is the table
    expect((await post('/create')).status).toBe(204);
    const all = Object.fromEntries(TOPICS.map((topic) => [topic, 5]));
    await waitFor(async () => isDeepStrictEqual(await saved(), all), 15_000).catch(() => {}); // as it is
    expect(await saved()).toEqual(all);
    expect(await dead()).toEqual({ ...Object.fromEntries(TOPICS.map((topic) => [topic, 0])), refusing: 5 });
  });
});
