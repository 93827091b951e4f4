import type { ConfigDriver } from './config-port.ts';
import { ConfigRevisions } from './config-revisions.ts';

/** Configuration in this process, for tests. */
export function createMemoryConfig({ now = Date.now }: { now?(): number } = {}): ConfigDriver {
  const revisions = new ConfigRevisions(now);
  return {
    problem: undefined,
    ping: async () => {},
    get: async (key) => revisions.get(key),
    async set(setting) {
      const record = revisions.plan(setting);
      revisions.add(record);
      return record;
    },
    history: async (key) => revisions.history(key),
    list: async (prefix) => revisions.list(prefix),
    watch: (key, onRecord) => revisions.watch(key, onRecord),
    async close() {
      revisions.clear();
    },
  };
}
