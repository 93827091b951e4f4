// What a plain Node.js server does under the same load: `before` ms of CPU, `wait` ms of waiting, `after` ms of CPU.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

function busy(ms: number): void {
  const until = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));
  while (process.hrtime.bigint() < until);
}

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://test');
  const msOf = (name: string): number => Number(searchParams.get(name) ?? 0);
  void (async () => {
    busy(msOf('before'));
    if (msOf('wait') > 0) await delay(msOf('wait'));
    busy(msOf('after'));
    const body = '{"ok":true}';
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  })();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ msg: 'listens', port })}\n`);
});
