import { findFreePort, startKafka, type TestServer } from '@bottle/test-servers';
import { openKafkaReader } from '../contracts/mq-readers.ts';
import { PublishLoad } from '../contracts/publish-load.ts';
import { openSidecar } from '../contracts/target.ts';
import { type Outcome, type Row, seconds, type Stage } from './row.ts';

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
  const load = new PublishLoad({ bottle: target.bottle, resource: 'queue', topic: 'killed', spreads: true });
  await seconds(3);
  await harm(servers);
  await seconds(3);
  await load.stop();
  const { arrived, lost, duplicates, lies } = await load.losses(reader.read);
  const answered = load.acknowledged.size;
  const sent = answered + load.failed;
  const kinds = JSON.stringify(Object.fromEntries(load.failures));
  return {
    sent,
    executed: arrived,
    answered,
    failed: load.failed,
    lost: lost.length,
    duplicates,
    note: `slowest publish ${Math.round(load.slowestMs)} ms; failed ${kinds}; ${lies.length} of them were called not done and are there`,
    pass:
      lost.length + duplicates + lies.length === 0 &&
      load.failed <= sent * mayFail &&
      load.slowestMs < TIMEOUT_MS + 1_000,
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
