import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface LosingSocket {
  host: string;
  port: number;
  /** The next request with these bytes is handed on, and instead of its answer its connection breaks. */
  lose(marker: string): void;
  /** How many answers it has lost. */
  readonly lost: number;
  close(): Promise<void>;
}

/** In front of a server of any protocol. */
export async function startLosingSocket(upstream: { host: string; port: number }): Promise<LosingSocket> {
  const sockets = new Set<Socket>();
  let marker: string | undefined;
  let lost = 0;
  const server = createServer((client) => {
    const target = connect(upstream);
    let isLosing = false;
    const end = (): void => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      if (marker !== undefined && bytes.includes(marker)) {
        marker = undefined;
        isLosing = true;
      }
      target.write(bytes);
    });
    target.on('data', (bytes) => {
      if (!isLosing) return void client.write(bytes);
      lost += 1;
      end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get lost() {
      return lost;
    },
    lose(next) {
      marker = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
