import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadServiceDefinition } from '@bottle/protos';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

export const STOCK_PROTO = new URL('../../protos/stock.proto', import.meta.url);
export const STOCK_DEFINITION = loadServiceDefinition(fileURLToPath(STOCK_PROTO), 'shop.Stock', [
  fileURLToPath(new URL('.', STOCK_PROTO)),
]);

/** A message of the service, as its codecs read it. */
export interface Item {
  name: string;
  count: string;
  data: Buffer;
  colour: string;
  tags: string[];
  facts: Record<string, string>;
}

/** A gRPC server whose methods do what the item's name says. */
export interface StockServer {
  address: string;
  port: number;
  /** Metadata of the calls so far. */
  readonly received: Metadata[];
  /** Milliseconds that the calls so far were given. */
  readonly timeouts: number[];
  /** Calls that were given up by the client. */
  readonly cancelled: number;
  /** Messages of `Watch` that were taken. */
  readonly written: number;
  close(): void;
}

/** What all kinds of calls have. */
interface AnyCall {
  metadata: Metadata;
  getDeadline(): Date | number;
  sendMetadata(metadata: Metadata): void;
  on(event: 'cancelled' | 'error', listener: () => void): unknown;
}

export async function startStock({
  port = 0,
  credentials = ServerCredentials.createInsecure(),
}: {
  port?: number;
  credentials?: ServerCredentials;
} = {}): Promise<StockServer> {
  const received: Metadata[] = [];
  const timeouts: number[] = [];
  let cancelled = 0;
  let written = 0;
  const note = (call: AnyCall): void => {
    received.push(call.metadata);
    timeouts.push(Number(call.getDeadline()) - Date.now());
    call.on('cancelled', () => (cancelled += 1));
    call.on('error', () => {});
    const initial = new Metadata();
    initial.set('x-initial', 'first');
    initial.set('x-bytes-bin', Buffer.from([0, 255, 128]));
    if (!call.metadata.get('x-silent').includes('yes')) call.sendMetadata(initial);
  };
  const trailer = (): Metadata => {
    const metadata = new Metadata();
    metadata.add('x-trailer', 'last');
    metadata.add('x-trailer', 'very last');
    metadata.set('x-detail-bin', Buffer.from([1, 2, 3, 250]));
    return metadata;
  };
  const failure = (name: string) => ({
    code: Number(name.slice('fail '.length)),
    details: 'told to',
    metadata: trailer(),
  });

  const handlers: UntypedServiceImplementation = {
    Reserve(call: ServerUnaryCall<Item, Partial<Item>>, callback: sendUnaryData<Partial<Item>>) {
      note(call);
      const { name } = call.request;
      if (name === 'hang') return;
      if (name.startsWith('fail')) callback(failure(name));
      else callback(null, call.request, trailer());
    },
    async Watch(call: ServerWritableStream<Item, Partial<Item>>) {
      note(call);
      const { name, count, data } = call.request;
      const ended = new Promise((resolve) => call.once('cancelled', resolve));
      for (let at = 0; at < Number(count) && !call.cancelled; at++) {
        const more = call.write({ name: String(at), data });
        written += 1;
        if (!more) await Promise.race([once(call, 'drain'), ended]);
      }
      if (name === 'hang') return;
      if (name.startsWith('fail')) call.emit('error', failure(name));
      else call.end(trailer());
    },
    // Read by events: leaving an iterator destroys the call, and with it, now and then, the status of its failure.
    Upload(call: ServerReadableStream<Item, Partial<Item>>, callback: sendUnaryData<Partial<Item>>) {
      note(call);
      let bytes = 0;
      let hasFailed = false;
      const names: string[] = [];
      call.on('data', ({ name, data }: Item) => {
        if (hasFailed) return;
        bytes += data.length;
        names.push(name);
        if (!name.startsWith('fail')) return;
        hasFailed = true;
        callback(failure(name));
      });
      call.on('end', () => {
        if (!hasFailed) callback(null, { name: names.join(','), count: String(bytes) }, trailer());
      });
    },
    async Chat(call: ServerDuplexStream<Item, Partial<Item>>) {
      note(call);
      // From Node.js 26 on the plain iterator would end both directions.
      const items = call.iterator({ destroyOnReturn: false }) as AsyncIterable<Item>;
      for await (const item of items) call.write({ ...item, name: `re: ${item.name}` });
      call.end();
    },
  };
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(STOCK_DEFINITION, handlers);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, taken) => (error ? reject(error) : resolve(taken)));
  });
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    received,
    timeouts,
    get cancelled() {
      return cancelled;
    },
    get written() {
      return written;
    },
    close: () => server.forceShutdown(),
  };
}
