import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka, startMysql, startRedis, type TestServer } from '@bottle/test-servers';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import { startHaproxy } from './haproxy.ts';
import { OpenLoop } from './open-loop.ts';
import { type Outcome, type Row, seconds, type Stage } from './row.ts';

/** A sidecar.yml with one real resource. */
function configured(stage: Stage, resources: object): string[] {
  const file = join(stage.directory, 'sidecar.yml');
  writeFileSync(file, JSON.stringify({ resources }));
  return ['--config', file];
}

/** A Redis, and pods whose `count` uses it. */
async function withRedis(stage: Stage) {
  const redis = await startRedis({ own: true });
  stage.onEnd(() => redis.stop());
  const resources = { cache: { main: { driver: 'redis', url: redis.address } } };
  return { redis, start: () => stage.startedPod({ sidecarArgs: configured(stage, resources) }) };
}

/** Any explicit error of a resource that is away. */
const resourceAway = (status: number, reason: string): boolean =>
  [429, 500, 503, 504].includes(status) && reason !== 'internal';

/** Load on a route while its server is killed and started again; `stored` says which acknowledged ids it still has. */
async function restarted(
  stage: Stage,
  server: TestServer,
  options: { resources: object; path: string; stored(): Promise<Set<string>> },
): Promise<Outcome> {
  stage.onEnd(() => server.stop());
  const pod = await stage.startedPod({ sidecarArgs: configured(stage, options.resources) });
  const client = new OpenLoop({ url: pod.url, path: options.path, rate: 100 });
  await seconds(2);
  await server.kill();
  await seconds(1);
  await server.restart();
  const restartedAt = performance.now();
  const before = client.answers.filter(({ status }) => status === 200).length;
  while (client.answers.filter(({ status }) => status === 200).length < before + 50) {
    if (performance.now() - restartedAt > 60_000) break;
    await seconds(0.05);
  }
  const backMs = Math.round(performance.now() - restartedAt);
  const readiness = backMs > 30_000 ? `; ${await (await pod.admin('/readyz')).text()}` : '';
  await seconds(1);
  await client.stop();
  const stored = await options.stored();
  const acknowledged = client.answers.filter(({ status }) => status === 200);
  const gone = acknowledged.filter(({ id }) => !stored.has(id)).length;
  const note = `works again ${backMs} ms after its return; of ${acknowledged.length} acknowledged, ${gone} are gone${readiness}`;
  return stage.reconcile(client, resourceAway, note, gone === 0 && backMs <= 30_000);
}

export const dependencies: readonly Row[] = [
  {
    number: 12,
    fault: 'dependency hangs (Redis stopped)',
    demand: 'its callers fail by deadline; other routes ≥ 99 %',
    async run(stage) {
      const { redis, start } = await withRedis(stage);
      const pod = await start();
      const callers = new OpenLoop({ url: pod.url, path: '/count', rate: 50 });
      const others = new OpenLoop({ url: pod.url, path: '/work', rate: 100 });
      await seconds(2);
      await redis.pause();
      await seconds(6);
      await redis.resume();
      await seconds(3);
      await Promise.all([callers.stop(), others.stop()]);
      const share = others.answers.filter(({ status }) => status === 200).length / others.sent;
      const last = callers.answers.slice(-20).every(({ status }) => status === 200);
      const note = `others ${(share * 100).toFixed(1)} % of ${others.sent}; ${last ? 'its callers are well again' : 'STILL FAILING'}`;
      const outcome = stage.reconcile(callers, resourceAway, note, share >= 0.99 && last);
      return { ...outcome, duplicates: 0, pass: outcome.lost === 0 && share >= 0.99 && last };
    },
  },
  {
    number: 17,
    fault: 'Redis killed under three pods behind HAProxy with health checks',
    demand: 'every pod stays in; functions that do without it: 0 failed; the others 503 at once, well when it is back',
    async run(stage) {
      const { redis, start } = await withRedis(stage);
      const pods = await Promise.all([start(), start(), start()]);
      const proxy = await startHaproxy(pods, stage.directory);
      stage.onEnd(() => proxy.stop());
      const users = new OpenLoop({ url: proxy.url, path: '/count', rate: 50 });
      const others = new OpenLoop({ url: proxy.url, path: '/work', rate: 100 });
      await seconds(2);
      await redis.kill();
      await seconds(5);
      const begin = performance.now();
      const { status } = await fetch(`${proxy.url}/count`, { method: 'POST' });
      const refusedMs = Math.round(performance.now() - begin);
      await redis.restart();
      await seconds(3);
      await Promise.all([users.stop(), others.stop()]);
      const wellAgain = users.answers.slice(-20).every((answer) => answer.status === 200);
      const failed = others.failures.length;
      const note = `others: ${failed} of ${others.sent} failed ${others.failureKinds}; those that use it: ${status} after ${refusedMs} ms, ${wellAgain ? 'well again' : 'STILL FAILING'}`;
      return stage.reconcile(users, resourceAway, note, failed === 0 && wellAgain && status === 503);
    },
  },
  {
    number: 15,
    fault: 'bad and partial configuration pushed',
    demand: 'refused whole; the old one stays',
    async run(stage) {
      const pod = await stage.startedPod();
      const client = new OpenLoop({ url: pod.url, path: '/work', rate: 100 });
      const put = async (key: string, body: string): Promise<number> =>
        (
          await pod.admin(`/config/config/main/${key}`, {
            method: 'PUT',
            body,
            headers: { 'content-type': 'application/json' },
          })
        ).status;
      const good = await put('pricing', '{"discount":5}');
      const bad = [await put('pricing', '{"discount":'), await put('pricing', ''), await put('', '{}')];
      const kept = (await (await pod.admin('/config/config/main/pricing')).json()) as { value: unknown };
      const isKept = JSON.stringify(kept.value) === '{"discount":5}';
      await seconds(1);
      await client.stop();
      const ok = good < 300 && bad.every((status) => status >= 400 && status < 500) && isKept;
      const note = `good ${good}, bad ${bad.join(' ')}; ${isKept ? 'the old value stays' : 'THE OLD VALUE IS GONE'}`;
      return stage.reconcile(client, () => false, note, ok);
    },
  },
  {
    number: 16,
    fault: 'MySQL/MariaDB is killed and comes back',
    demand: 'reconnects; nothing acknowledged is lost',
    async run(stage) {
      const server = await startMysql({ own: true });
      const query = async (sql: string): Promise<unknown> => {
        const connection = await createConnection(server.address);
        const [rows] = await connection.query(sql);
        await connection.end();
        return rows;
      };
      await query('create table fault_rows (id varchar(40) primary key)');
      return restarted(stage, server, {
        resources: { db: { main: { driver: 'mysql', url: server.address } } },
        path: '/insert',
        stored: async () =>
          new Set(((await query('select id from fault_rows')) as { id: string }[]).map(({ id }) => id)),
      });
    },
  },
  {
    number: 16,
    fault: 'Kafka is killed and comes back',
    demand: 'reconnects; nothing acknowledged is lost',
    async run(stage) {
      const server = await startKafka({ own: true });
      return restarted(stage, server, {
        resources: { mq: { main: { driver: 'kafka', brokers: server.address.split(',') } } },
        path: '/publish',
        stored: () => readAll(server.address.split(','), 'fault-messages'),
      });
    },
  },
];

/** Every value of a topic. */
async function readAll(brokers: string[], topic: string): Promise<Set<string>> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
  await admin.disconnect();
  const values = new Set<string>();
  const consumer = kafka.consumer({ groupId: `fault-table-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const left = new Set([...ends].filter(([, high]) => high > 0).map(([partition]) => partition));
  await new Promise<void>((resolve, reject) => {
    setTimeout(reject, 60_000, new Error('the topic could not be read')).unref();
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          values.add(String(message.value));
          if (Number(message.offset) + 1 >= (ends.get(partition) ?? 0)) left.delete(partition);
          if (left.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}
