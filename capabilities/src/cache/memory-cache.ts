import { BottleError, Code } from '@bottle/protos';
import type { CacheDriver, Command, Reply } from './cache-port.ts';
import { COMMANDS } from './memory-commands.ts';
import { MemoryStore } from './memory-store.ts';
import { TopicFanOut } from './topic-fan-out.ts';

export interface MemoryCacheOptions {
  /** Most keys; the one that was written longest ago goes first. @default 100000 */
  maxKeys?: number;
  /** Milliseconds since 1970. */
  now?(): number;
}

/** A cache in this process: for development, tests, and pods that need no shared one. Nothing survives a restart. */
export function createMemoryCache({ maxKeys = 100_000, now = Date.now }: MemoryCacheOptions = {}): CacheDriver {
  const store = new MemoryStore({ maxKeys, now });
  const fanOut = new TopicFanOut();

  function run({ name, before = [], keys, args }: Command): Reply {
    const handler = COMMANDS[name];
    if (!handler || before.length > 0) {
      const message = `the memory driver does not know the command ${name}; the redis driver does`;
      throw new BottleError(Code.UNIMPLEMENTED, 'no-command', message);
    }
    return handler(store, keys[0] ?? '', args.map(toBuffer), { now, keys });
  }

  return {
    problem: undefined,
    ping: async () => {},
    command: async (command) => run(command),
    async transaction(commands) {
      const unknown = commands.find(({ name }) => !COMMANDS[name]);
      if (unknown) run(unknown);
      return commands.map(run);
    },
    script() {
      return Promise.reject(new BottleError(Code.UNIMPLEMENTED, 'no-scripts', 'the memory driver runs no scripts'));
    },
    async compareAndSet(key, expected, next) {
      if (!store.find(key, 'string')?.value.equals(expected)) return false;
      if (next) store.put(key, { kind: 'string', value: Buffer.from(next.value) }, now() + next.ttlMs);
      else store.delete(key);
      return true;
    },
    async scan(cursor, match, count) {
      const page = store.scan(cursor, count);
      const pattern = match === '' ? undefined : globPattern(match);
      return pattern ? { ...page, keys: page.keys.filter((key) => pattern.test(key)) } : page;
    },
    publish: async (channel, payload) => fanOut.tell(channel, Buffer.from(payload)),
    async subscribe(channels, subscriber) {
      for (const channel of channels) fanOut.add(channel, subscriber);
      return async () => {
        for (const channel of channels) fanOut.delete(channel, subscriber);
      };
    },
    async close() {
      store.clear();
      fanOut.clear();
    },
  };
}

function toBuffer(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** Redis' glob: `*`, `?`, `[abc]`, `[^a]`, `\x`. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(
    /\\(.)|(\*)|(\?)|\[(\^?)([^\]]*)\]|([.+^${}()|[\]\\/])/g,
    (_whole, ...groups: string[]) => {
      const [escaped, star, question, not, set, special] = groups;
      if (escaped !== undefined) return escaped.replace(/[^\w\s]/, '\\$&');
      if (star !== undefined) return '[^]*';
      if (question !== undefined) return '[^]';
      if (set !== undefined) return `[${not ?? ''}${set.replace(/[\\\]]/g, '\\$&')}]`;
      return `\\${special ?? ''}`;
    },
  );
  return new RegExp(`^${source}$`);
}
