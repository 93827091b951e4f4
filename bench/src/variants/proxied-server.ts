// The server behind the reverse proxy: the same, on a Unix socket.
import fastify from 'fastify';
import { echo } from '../../functions/echo/src/echo.ts';

const app = fastify({ bodyLimit: 10 * 1024 * 1024 });
app.post('/echo', (request) => echo(undefined, request.body));
await app.listen({ path: process.argv[3] ?? '' });
