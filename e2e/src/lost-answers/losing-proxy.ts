import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LosingProxy {
  url: string;
  /** How many answers it has lost. */
  readonly lost: number;
  close(): Promise<void>;
}

/**
 * In front of an HTTP server whose answers begin before its work is done, as those of S3 do: there a socket is cut too early. Every
 * request is handed on; when the answer to one that `loses` picks has ended, its connection breaks instead.
 */
export async function startLosingProxy(
  upstream: string,
  loses: (request: IncomingMessage) => boolean,
): Promise<LosingProxy> {
  const { hostname, port } = new URL(upstream);
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, rawHeaders } = incoming;
    // With the headers as they are: requests are signed with the host that they were meant for.
    const forwarded = request({ hostname, port, method, path, headers: rawHeaders as never, agent: false });
    forwarded.on('error', () => outgoing.destroy());
    forwarded.on('response', (answer) => {
      if (!loses(incoming)) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        return void answer.pipe(outgoing);
      }
      lost += 1;
      answer.resume().on('end', () => outgoing.destroy()); // the server has done all that it does
    });
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lost() {
      return lost;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
