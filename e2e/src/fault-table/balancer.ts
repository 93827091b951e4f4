import { connect, createServer, type Server, type Socket } from 'node:net';

/** Hands each new connection to the next of its pods, as kube-proxy does; connections that there are stay where they are. */
export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #ports: number[] = [];
  #turn = 0;

  constructor() {
    this.#server = createServer((client) => this.#connect(client));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  add(port: number): void {
    this.#ports.push(port);
  }

  remove(port: number): void {
    this.#ports = this.#ports.filter((one) => one !== port);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(client: Socket): void {
    this.#turn += 1;
    const port = this.#ports[this.#turn % this.#ports.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const backend = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      this.#sockets.add(one);
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroySoon();
      });
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  }
}
