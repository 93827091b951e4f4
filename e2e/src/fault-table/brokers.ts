import { findFreePort, startKafka, type TestServer } from '@bottle/test-servers';
import type { BottleError } from 'bottle-sdk';
import { openKafkaReader } from '../contracts/mq-readers.ts';
import { openSidecar } from '../contracts/target.ts';
import { type Outcome, type Row, seconds, type Stage } from './row.ts';

const PUBLISHERS = 32;
const PARTITIONS = 12;
/** The brokers elect a controller, if it was theirs, and then notice who is gone: five seconds and more. */
const TIMEOUT_MS = 15_000;

/** Three brokers, each a controller besides; two of them have to have a message. */
async function startCluster(stage: Stage): Promise<TestServer[]> {
  const ports: number[] = [];
  for (let at = 0; at < 6; at++) ports.push(await findFreePort());
  const nodes = [1, 2, 3].map((id, at) => ({ id, port: ports[at] ?? 0, controllerPort: ports[at + 3] ?? 0 }));
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');
  const starting = nodes.map(({ id, port, controllerPort }) =>
    startKafka({
      own: true,
      port,
      settings: {
        'node.id': String(id),
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
        'controller.quorum.voters': voters,
        'default.replication.factor': '3',
        'min.insync.replicas': '2',
        'offsets.topic.replication.factor': '3',
      },
    }),
  );
  const servers = await Promise.all(starting);
  for (const server of servers) stage.onEnd(() => server.stop());
  return servers;
}

/** Publishers that never stop, each with one message under way, while brokers die. `mayFail`: which share of them. */
async function publishing(
  stage: Stage,
  mayFail: number,
  harm: (servers: readonly TestServer[]) => Promise<void>,
): Promise<Outcome> {
  const servers = await startCluster(stage);
  const addresses = servers.map(({ address }) => address);
  const reader = await openKafkaReader(addresses.join());
  stage.onEnd(() => reader.close());
  await reader.createTopic('killed', PARTITIONS);
  const queue = { driver: 'kafka', brokers: addresses, policy: { timeoutMs: TIMEOUT_MS } };
  const target = await openSidecar({ mq: { queue } });
  stage.onEnd(() => target.close());
  const acknowledged = new Map<string, string>();
  const failures = new Map<string, number>();
  const notDone: string[] = [];
  let isOver = false;
  let sent = 0;
  let slowestMs = 0;
  const publisher = async (number: number): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const value = `${number}-${turn}`;
      const startedAt = performance.now();
      sent += 1;
      try {
        const receipt = await target.bottle.mq('queue').publish('killed', value, { key: value });
        acknowledged.set(value, `${receipt.partition}:${receipt.offset}`);
      } catch (error) {
        const { reason, details } = error as BottleError;
        const what = `${reason} ${String(details['outcome'])}`;
        failures.set(what, (failures.get(what) ?? 0) + 1);
        if (details['outcome'] === 'not-done') notDone.push(value);
      }
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
  };
  const publishers = Array.from({ length: PUBLISHERS }, (_, number) => publisher(number));
  await seconds(3);
  await harm(servers);
  await seconds(3);
  isOver = true;
  await Promise.all(publishers);
  const arrived = (await reader.read('killed')).map(({ partition, offset, value }) => ({
    place: `${partition}:${offset}`,
    value: value?.toString() ?? '',
  }));
  const places = new Map(arrived.map(({ place, value }) => [value, place]));
  const lost = [...acknowledged].filter(([value, place]) => places.get(value) !== place).length;
  const duplicates = arrived.length - places.size;
  const failed = sent - acknowledged.size;
  const lies = notDone.filter((value) => places.has(value)).length;
  const kinds = JSON.stringify(Object.fromEntries(failures));
  return {
    sent,
    executed: arrived.length,
    answered: acknowledged.size,
    failed,
    lost,
    duplicates,
    note: `slowest publish ${Math.round(slowestMs)} ms; failed ${kinds}; ${lies} of them were called not done and are there`,
    pass: lost + duplicates + lies === 0 && failed <= sent * mayFail && slowestMs < TIMEOUT_MS + 1_000,
  };
}

export const brokers: readonly Row[] = [
  {
    number: 18,
    fault: 'one of three Kafka brokers killed, gone for 8 s, and back',
    demand: 'acks=all: nothing acknowledged is lost, nothing is there twice, the slowest publish within its deadline',
    run: (stage) =>
      publishing(stage, 0.01, async ([, leader]) => {
        await leader?.kill();
        await seconds(8);
        await leader?.restart();
        await seconds(4);
      }),
  },
  {
    number: 19,
    fault: 'a Kafka broker removed for good, then another one restarted',
    demand: 'the same; while too few are in sync, publishing waits or fails, and is told right',
    run: (stage) =>
      publishing(stage, 1, async ([first, second]) => {
        await first?.kill();
        await seconds(8);
        await second?.kill();
        await seconds(1);
        await second?.restart();
        await seconds(6);
      }),
  },
];
