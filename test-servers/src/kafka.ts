import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertAnswer, findFreePort } from './endpoint.ts';
import { findOrStart, type StartOptions } from './find-or-start.ts';
import { requireProgram } from './find-program.ts';
import { fetchJars } from './maven-jars.ts';
import { reportProgress } from './progress.ts';
import type { ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';

/** The version of Kafka that the tests run against. */
const kafkaVersion = '3.9.2';
/** With the logging back end that its own distribution adds. */
const program = {
  name: 'Kafka',
  version: kafkaVersion,
  size: '46 MB',
  artifacts: [`org.apache.kafka:kafka_2.13:${kafkaVersion}`, 'org.slf4j:slf4j-reload4j:1.7.36'],
};

/** How to get a Kafka; one that the environment names ignores `settings` and `advertised`. */
export interface KafkaOptions extends StartOptions {
  /** Further settings of the broker, and others than the usual ones. */
  settings?: Readonly<Record<string, string>>;
  /** Where clients are told to find it, as "127.0.0.1:9092": a proxy. @default where it listens */
  advertised?: string;
}

/**
 * One Kafka broker, its own controller, at an address like `127.0.0.1:9092`; it creates topics when they are first
 * used, and gives a new consumer group its partitions at once. Throws ServerUnavailable.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<TestServer> {
  return await findOrStart(kafka(options), options);
}

const kafka = ({ settings: more = {}, advertised: elsewhere }: KafkaOptions): ServerKind => ({
  name: 'Kafka',
  variable: 'BOTTLE_TEST_KAFKA_BROKERS',
  startTimeoutMs: 90_000,
  addressOf: ({ host, port }) => `${host}:${port}`,
  endpointOf(address) {
    const match = /^\s*([^,]+):(\d+)\s*(?:,|$)/.exec(address);
    return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2]) };
  },
  assertReady: (endpoint) => assertAnswer(endpoint, metadataRequest(), hasBroker),
  container: (advertised) => ({
    image: `apache/kafka:${kafkaVersion}`,
    port: 9092,
    environment: Object.fromEntries(
      settings({
        listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
        advertised: elsewhere ?? `${advertised.host}:${advertised.port}`,
        controller: 'localhost:9093',
        logDirectory: '/tmp/kafka-data',
        more,
      }).map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value]),
    ),
  }),
  async prepareLocal(directory, { host, port }) {
    const java = await requireProgram('java');
    const jars = await fetchJars(program);
    const controllerPort = await findFreePort();
    const logDirectory = join(directory, 'data');
    await mkdir(logDirectory);
    // What `kafka-storage format` would write; it takes another start of Java to do so.
    const identity = `version=1\ncluster.id=bottle-test-servers-00\nnode.id=${more['node.id'] ?? 1}\n`;
    await writeFile(join(logDirectory, 'meta.properties'), identity);
    const configFile = join(directory, 'server.properties');
    const config = settings({
      listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
      advertised: elsewhere ?? `${host}:${port}`,
      controller: `${host}:${controllerPort}`,
      logDirectory,
      more,
    });
    await writeFile(configFile, config.map(([key, value]) => `${key}=${value}\n`).join(''));
    const logConfigFile = join(directory, 'log4j.properties');
    await writeFile(logConfigFile, logConfig);
    reportProgress(`starting Kafka ${kafkaVersion}`);
    return {
      program: java,
      args: [
        '-Xmx512m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dlog4j.configuration=file:${logConfigFile}`,
        '-cp',
        join(jars, '*'),
        'kafka.Kafka',
        configFile,
      ],
    };
  },
});

interface Place {
  listeners: string;
  advertised: string;
  controller: string;
  logDirectory: string;
  more: Readonly<Record<string, string>>;
}

function settings({ listeners, advertised, controller, logDirectory, more }: Place): [key: string, value: string][] {
  const usual: [key: string, value: string][] = [
    ['process.roles', 'broker,controller'],
    ['node.id', '1'],
    ['controller.quorum.voters', `1@${controller}`],
    ['listeners', listeners],
    ['advertised.listeners', `PLAINTEXT://${advertised}`],
    ['controller.listener.names', 'CONTROLLER'],
    ['listener.security.protocol.map', 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT'],
    ['log.dirs', logDirectory],
    ['auto.create.topics.enable', 'true'],
    ['group.initial.rebalance.delay.ms', '0'],
    ['offsets.topic.replication.factor', '1'],
    ['offsets.topic.num.partitions', '5'],
    ['transaction.state.log.replication.factor', '1'],
    ['transaction.state.log.min.isr', '1'],
    ['transaction.state.log.num.partitions', '5'],
    // After a kill, the controller takes the broker back only when the session of the killed one has run out.
    ['broker.session.timeout.ms', '2000'],
    ['broker.heartbeat.interval.ms', '250'],
    // 128 MB otherwise, a quarter of the heap.
    ['log.cleaner.dedupe.buffer.size', '4194304'],
  ];
  return Object.entries({ ...Object.fromEntries(usual), ...more });
}

const logConfig = `log4j.rootLogger=WARN, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %m (%c)%n
`;

/** Kafka's request Metadata, version 1, for no topics: the answer lists the brokers that serve. */
function metadataRequest(): Buffer {
  const client = 'bottle';
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4);
  let at = request.writeInt32BE(request.length - 4);
  at = request.writeInt16BE(3, at);
  at = request.writeInt16BE(1, at);
  at = request.writeInt32BE(1, at);
  at = request.writeInt16BE(client.length, at);
  at += request.write(client, at);
  request.writeInt32BE(0, at);
  return request;
}

/** Its answer: the length, the number of the request, and the number of brokers, as 32 bits each; then the brokers. */
function hasBroker(received: Buffer): boolean {
  if (received.length < 12) return false;
  if (received.readInt32BE(8) < 1) throw new Error('Kafka has no broker that serves yet');
  return true;
}
