import type { Broker } from 'kafkajs';

/** A request of kafkajs, and how its answer is read: bytes to data, and data to what is returned or thrown. */
export interface Protocol {
  request: { apiVersion: number };
  response: { decode(raw: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> };
}

interface Pool {
  send(protocol: Protocol): Promise<unknown>;
}

/** The broker, with other readers of its answers. */
export function readingBy(read: (protocol: Protocol) => Protocol['response'], broker: Broker): Broker {
  const { connectionPool } = broker as unknown as { connectionPool: Pool };
  const pool: Pool = Object.assign(Object.create(connectionPool) as Pool, {
    send: (protocol: Protocol): Promise<unknown> => connectionPool.send({ ...protocol, response: read(protocol) }),
  });
  return Object.assign(Object.create(broker) as Broker, { connectionPool: pool });
}
