// A sidecar as a plain HTTP reverse proxy: fastify in front, undici over a Unix socket to fastify.
import fastify from 'fastify';
import { Pool } from 'undici';

const [, , port, socketPath = ''] = process.argv;
const pool = new Pool('http://localhost', { socketPath, connections: 64 });
const app = fastify({ bodyLimit: 10 * 1024 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.all('*', async (request, reply) => {
  const { method, url, headers, body } = request;
  const { connection: _hop, 'transfer-encoding': _coding, ...forwarded } = headers;
  const answer = await pool.request({
    method,
    path: url,
    headers: forwarded,
    body: (body as Buffer | undefined) ?? null,
  });
  const { connection: _hopBack, 'keep-alive': _keepAlive, 'transfer-encoding': _codingBack, ...back } = answer.headers;
  return reply
    .code(answer.statusCode)
    .headers(back)
    .send(Buffer.from(await answer.body.bytes()));
});
await app.listen({ host: '127.0.0.1', port: Number(port) });
