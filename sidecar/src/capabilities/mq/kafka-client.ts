import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import kafkajs, {
  type Cluster,
  type ISocketFactoryArgs,
  Kafka,
  type KafkaConfig as KafkaClientConfig,
  logLevel,
} from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { tlsOptions } from '../tls-options.ts';
import { addCodecs } from './compression.ts';
import { quietTimers } from './quiet-timers.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 30_000;
/** kafkajs' own attempts: enough for a change of a partition's leader. */
export const RETRY = { initialRetryTime: 50, maxRetryTime: 400, multiplier: 2, factor: 0.2 };
const CONNECT_RETRIES = 2;

/** How long a broker may take for one answer: twice within a call's deadline. */
export function requestTimeoutOf({ policy }: KafkaConfig): number {
  return Math.max(250, Math.floor(policy.timeoutMs / 2));
}

/** kafkajs with the resource's settings. */
export function createKafkaClient(options: { settings: KafkaConfig; log: Logger; onSocketClosed?(): void }): Kafka {
  addCodecs();
  quietTimers();
  const { onSocketClosed = () => {} } = options;
  return new Kafka({
    ...clientConfig(options.settings, options.log),
    socketFactory: (args) => openSocket(args, onSocketClosed),
  });
}

/** kafkajs gives its cluster to assigners; a consumer that never runs is a member of no group. */
export function clusterOf(kafka: Kafka, { allowAutoTopicCreation }: { allowAutoTopicCreation: boolean }): Cluster {
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: 'none',
    allowAutoTopicCreation,
    partitionAssigners: [
      (config) => {
        ({ cluster } = config);
        return kafkajs.PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (!cluster) throw new Error('kafkajs made no cluster');
  return cluster;
}

function clientConfig(settings: KafkaConfig, log: Logger): KafkaClientConfig {
  const { brokers, clientId, tls, sasl } = settings;
  return {
    brokers,
    clientId,
    ...(tls === false ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl: sasl as NonNullable<KafkaClientConfig['sasl']> }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: requestTimeoutOf(settings),
    retry: { ...RETRY, retries: CONNECT_RETRIES },
    logLevel: logLevel.WARN,
    // What matters of it comes back as an error, and is logged where it is handled.
    logCreator: () => (entry) => log.debug({ kafka: entry.log.message }, 'kafkajs says'),
  };
}

function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs, onClose: () => void): Socket {
  // The types do not say that there is none without TLS.
  const tls = ssl as ISocketFactoryArgs['ssl'] | undefined;
  const serverName = isIP(host) === 0 ? { servername: host } : {};
  const socket = tls
    ? connectTls({ host, port, ...serverName, ...tls }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  // Each time that kafkajs gives up a socket which is still connecting, this would add a listener to it.
  socket.unref = () => socket;
  socket.once('close', onClose);
  return socket;
}
