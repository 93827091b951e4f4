import { type Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** The body of an answer. Rejects when its status is not 200. */
export function ask(
  url: string,
  options: { agent?: Agent; body?: Buffer; signal?: AbortSignal } = {},
): Promise<{ bytes: number }> {
  const { agent, body, signal } = options;
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/octet-stream', 'content-length': body.length } : {};
    const method = body ? 'POST' : 'GET';
    const outgoing = request(
      url,
      { method, headers, ...(agent ? { agent } : {}), ...(signal ? { signal } : {}) },
      (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve({ bytes });
          else reject(new Error(`${new URL(url).pathname} was answered with ${answer.statusCode}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A reader of server-sent events that has got its first one. */
export function openReader(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write('GET /feed HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.on('error', reject); // also those after the first event: whoever waits for an answer notices
    socket.once('close', () => reject(new Error('a reader was cut off before its first event')));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('data: first')) resolve(socket);
    });
  });
}
