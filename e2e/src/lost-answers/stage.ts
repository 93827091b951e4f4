import type { LosingKafka } from './losing-kafka.ts';
import { type LosingSocket, startLosingSocket } from './losing-socket.ts';
import { type StockServer, startStock } from '../contracts/grpc-server.ts';
import { createBucket } from '../contracts/s3-bucket.ts';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';
import { CACHE_ROWS, CONFIG_ROWS, LOCK_ROWS } from './cache-rows.ts';
import { DB_ROWS } from './db-rows.ts';
import { type CountingServer, HTTP_ROWS, startCountingServer } from './http-rows.ts';
import { MQ_ROWS } from './mq-rows.ts';
import { OBJECTS_ROWS } from './objects-rows.ts';
import { RPC_ROWS } from './rpc-rows.ts';
import { checkRow, type Row, type Verdict } from './row.ts';

/** Where the real servers are; undefined: there is none. */
export interface Addresses {
  redisUrl: string | undefined;
  mysqlUrl: string | undefined;
  s3Url: string | undefined;
  kafka: LosingKafka | undefined;
}

/** The rows whose servers there are. */
export function rowsFor({ redisUrl, mysqlUrl, s3Url, kafka }: Addresses): Row[] {
  return [
    ...(redisUrl === undefined ? [] : [...CACHE_ROWS, ...LOCK_ROWS, ...CONFIG_ROWS]),
    ...(mysqlUrl === undefined ? [] : DB_ROWS),
    ...(s3Url === undefined ? [] : OBJECTS_ROWS),
    ...(kafka === undefined ? [] : MQ_ROWS),
    ...HTTP_ROWS,
    ...RPC_ROWS,
  ];
}

/** A sidecar with two ways to each server, of which one loses answers. */
export class Stage {
  readonly #target: SidecarTarget;
  readonly #sockets: readonly LosingSocket[];
  readonly #counting: CountingServer;
  readonly #stock: StockServer;
  readonly #kafka: LosingKafka | undefined;

  private constructor(
    target: SidecarTarget,
    sockets: readonly LosingSocket[],
    { counting, stock, kafka }: { counting: CountingServer; stock: StockServer; kafka: LosingKafka | undefined },
  ) {
    this.#target = target;
    this.#sockets = sockets;
    this.#counting = counting;
    this.#stock = stock;
    this.#kafka = kafka;
  }

  static async start({ redisUrl, mysqlUrl, s3Url, kafka }: Addresses): Promise<Stage> {
    const sockets: LosingSocket[] = [];
    /** The same address, through a proxy. */
    const lossy = async (url: string): Promise<string> => {
      const through = new URL(url);
      const socket = await startLosingSocket({ host: through.hostname, port: Number(through.port) });
      sockets.push(socket);
      through.host = `${socket.host}:${socket.port}`;
      return through.href;
    };
    const ways = async (driver: string, url: string | undefined) =>
      url === undefined ? {} : { lossy: { driver, url: await lossy(url) }, direct: { driver, url } };
    const counting = await startCountingServer();
    const stock = await startStock();
    const stockUrl = new URL(await lossy(`http://127.0.0.1:${stock.port}`));
    const countingUrl = `http://${counting.host}:${counting.port}`;
    const bucket = s3Url === undefined ? undefined : await createBucket(s3Url);
    const target = await openSidecar({
      cache: await ways('redis', redisUrl),
      lock: await ways('redis', redisUrl),
      config: await ways('redis', redisUrl),
      db: await ways('mysql', mysqlUrl),
      mq: kafka ? { lossy: kafkaAt(kafka.socket), plain: { ...kafkaAt(kafka.socket), idempotent: false } } : {},
      http: {
        lossy: { baseUrl: (await lossy(countingUrl)).replace(/\/$/, '') },
        direct: { baseUrl: countingUrl },
        nobody: { baseUrl: 'http://127.0.0.1:1' },
      },
      rpc: { lossy: { driver: 'grpc', addresses: [stockUrl.host] } },
      objects: bucket
        ? {
            lossy: { ...bucket, driver: 's3', endpoint: (await lossy(bucket.endpoint)).replace(/\/$/, '') },
            direct: { ...bucket, driver: 's3' },
          }
        : {},
    });
    return new Stage(target, sockets, { counting, stock, kafka });
  }

  check(row: Row): Promise<Verdict> {
    const { bottle } = this.#target;
    const lose = (marker: string): void => {
      for (const socket of [...this.#sockets, ...(this.#kafka ? [this.#kafka.socket] : [])]) socket.lose(marker);
    };
    const published = async (): Promise<string[]> => (await this.#kafka?.values()) ?? [];
    return checkRow(row, { bottle, lose, published, grpcCalls: () => this.#stock.received.length });
  }

  async end(): Promise<void> {
    await this.#target.close();
    for (const socket of this.#sockets) await socket.close();
    await this.#kafka?.stop();
    this.#counting.close();
    this.#stock.close();
  }
}

function kafkaAt({ host, port }: LosingSocket): object {
  return { driver: 'kafka', brokers: [`${host}:${port}`] };
}
