import { findFreePort, startKafka, type TestServer } from '@bottle/test-servers';
import { type KafkaReader, openKafkaReader } from '../contracts/mq-readers.ts';
import { type LosingSocket, startLosingSocket } from './losing-socket.ts';

export const TOPIC = 'lost-answers';
const PARTITIONS = 3;

/** A broker that sends its clients to a proxy which loses answers, whatever address they began with. */
export interface LosingKafka {
  socket: LosingSocket;
  /** Its values, from all partitions. */
  values(): Promise<string[]>;
  stop(): Promise<void>;
}

/** With one topic. Throws ServerUnavailable. */
export async function startLosingKafka(): Promise<LosingKafka> {
  const port = await findFreePort();
  const socket = await startLosingSocket({ host: '127.0.0.1', port });
  let server: TestServer | undefined;
  let reader: KafkaReader | undefined;
  const stop = async (): Promise<void> => {
    await reader?.close();
    await socket.close();
    await server?.stop();
  };
  try {
    const advertised = `${socket.host}:${socket.port}`;
    server = await startKafka({ own: true, port, advertised });
    const opened = await openKafkaReader(advertised);
    reader = opened;
    await opened.createTopic(TOPIC, PARTITIONS);
    return {
      socket,
      values: async () => (await opened.read(TOPIC)).map(({ value }) => value?.toString() ?? ''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
