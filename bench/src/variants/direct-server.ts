// One plain fastify process with the same function: what people would write without a platform.
import fastify from 'fastify';
import { echo } from '../../functions/echo/src/echo.ts';

const app = fastify({ bodyLimit: 10 * 1024 * 1024 });
app.post('/echo', (request) => echo(undefined, request.body));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
