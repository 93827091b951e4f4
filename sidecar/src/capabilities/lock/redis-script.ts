import { createHash } from 'node:crypto';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** A Lua script that is sent by its digest. */
export interface RedisScript {
  source: string;
  sha: string;
}

export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Runs a script; a server that does not know it yet gets its text. Throws BottleError. */
export function runScript(
  connection: RedisConnection,
  { source, sha }: RedisScript,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  return connection.run((client) =>
    client.call('EVALSHA', sha, ...rest).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return client.call('EVAL', source, ...rest);
    }),
  );
}
