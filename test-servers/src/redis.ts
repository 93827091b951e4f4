import { assertAnswer, endpointOfUrl } from './endpoint.ts';
import { findOrStart, type StartOptions } from './find-or-start.ts';
import { requireProgram } from './find-program.ts';
import type { ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';

/** How to get a Redis. */
export interface RedisOptions extends StartOptions {
  /** More arguments for redis-server; one that the environment names ignores them. */
  args?: readonly string[];
}

/**
 * Redis at an address like `redis://127.0.0.1:6379`. Every write is in its append-only file before it is answered, so
 * that kill() loses none. Throws ServerUnavailable.
 */
export async function startRedis(options: RedisOptions = {}): Promise<TestServer> {
  return await findOrStart(redis(options.args ?? []), options);
}

function redis(moreArgs: readonly string[]): ServerKind {
  const args = ['--save', '', '--appendonly', 'yes', ...moreArgs];
  return {
    name: 'Redis',
    variable: 'BOTTLE_TEST_REDIS_URL',
    startTimeoutMs: 30_000,
    addressOf: ({ host, port }) => `redis://${host}:${port}`,
    endpointOf: (address) => endpointOfUrl(address, 6379),
    assertReady: (endpoint) => assertAnswer(endpoint, Buffer.from('PING\r\n'), isPong),
    container: () => ({ image: 'redis:7.4', port: 6379, command: ['redis-server', ...args] }),
    async prepareLocal(directory, { host, port }) {
      const program = await requireProgram('redis-server', 'valkey-server');
      return { program, args: ['--bind', host, '--port', String(port), '--dir', directory, ...args] };
    },
  };
}

/** "+PONG"; "-NOAUTH" when the arguments set a password; "-LOADING" while it reads its data. */
function isPong(received: Buffer): boolean {
  const answer = received.toString('latin1');
  if (!answer.includes('\r\n')) return false;
  if (!answer.startsWith('+PONG') && !answer.startsWith('-NOAUTH')) throw new Error(`Redis says ${answer.trim()}`);
  return true;
}
