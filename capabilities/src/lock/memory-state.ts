import type { SharedRecord, SharedState } from './shared-state.ts';

export interface MemoryStateOptions {
  /** Milliseconds of a monotonic clock. */
  now?(): number;
  /** Milliseconds since 1970. */
  wallClock?(): number;
}

/** Shared by whoever has this object: the state ends with the process. */
export function createMemoryState(options: MemoryStateOptions = {}): SharedState {
  const { now = () => performance.now(), wallClock = () => Date.now() } = options;
  const records = new Map<string, SharedRecord>();
  /** By group, until when each member is there. */
  const groups = new Map<string, Map<string, number>>();
  const lists = new Map<string, string[]>();

  return {
    read: async (name) => records.get(name),
    async write(name, value, expected) {
      const record = records.get(name);
      const revision = record?.revision ?? 0;
      const isRepeated = revision === expected + 1 && record?.value === value;
      if (revision !== expected && !isRepeated) return { written: false, record };
      const next = { revision: expected + 1, value };
      records.set(name, next);
      return { written: true, record: next };
    },
    async enter(name, member, leaseMs) {
      const group = groups.get(name) ?? new Map<string, number>();
      groups.set(name, group);
      group.set(member, now() + leaseMs);
      for (const [other, until] of group) if (until <= now()) group.delete(other);
      return { members: [...group.keys()].toSorted(), nowMs: wallClock() };
    },
    async leave(name, member) {
      const group = groups.get(name);
      group?.delete(member);
      if (group?.size === 0) groups.delete(name);
    },
    async append(name, item, max) {
      lists.set(name, [item, ...(lists.get(name) ?? [])].slice(0, max));
    },
    items: async (name) => [...(lists.get(name) ?? [])],
  };
}
