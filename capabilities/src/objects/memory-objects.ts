import { createHash } from 'node:crypto';
import { objectExists } from './object-exists.ts';
import { resolveObjectRange } from './object-range.ts';
import type { ObjectDescription, ObjectsDriver } from './objects-port.ts';

interface Kept {
  info: ObjectDescription;
  bytes: Buffer;
}

/** Objects in this process, for tests: bodies are kept in memory, and a list looks at every key. */
export function createMemoryObjects(name: string): ObjectsDriver {
  const kept = new Map<string, Kept>();
  return {
    problem: undefined,
    ping: async () => {},
    async put({ key, contentType, metadata, ifAbsent, body }, { signal }) {
      if (ifAbsent && kept.has(key)) throw objectExists(key);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      signal.throwIfAborted();
      if (ifAbsent && kept.has(key)) throw objectExists(key);
      const bytes = Buffer.concat(chunks);
      const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
      const info = { key, size: bytes.length, etag, lastModifiedMs: Date.now(), contentType, metadata };
      kept.set(key, { info, bytes });
      return info;
    },
    async get(key, range) {
      const found = kept.get(key);
      if (!found) return undefined;
      const { info, bytes } = found;
      const { start, length } = resolveObjectRange(range, bytes.length);
      const part = bytes.subarray(start, start + length);
      return { info, start, length, body: piecesOf(part) };
    },
    head: async (key) => kept.get(key)?.info,
    async list({ prefix, after, limit }) {
      const keys = [...kept.keys()].filter((key) => key.startsWith(prefix)).toSorted(byBytes);
      const later = keys.filter((key) => byBytes(key, after) > 0);
      const objects = later.slice(0, limit).flatMap((key) => kept.get(key)?.info ?? []);
      return { objects, isLast: later.length <= limit };
    },
    async delete(key) {
      kept.delete(key);
    },
    async presign({ key, method, expiresSec }) {
      const path = key.split('/').map(encodeURIComponent).join('/');
      return `https://objects.invalid/${name}/${path}?method=${method}&expires=${expiresSec}`;
    },
    async close() {
      kept.clear();
    },
  };
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
