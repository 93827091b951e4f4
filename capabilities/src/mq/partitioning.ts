// Which partition a message goes to: the same as with Kafka's own clients, so that producers in any language agree.
import { BottleError, Code } from '@bottle/protos';

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Kafka's hash of a key: Austin Appleby's MurmurHash2, 32 bits, with Kafka's seed (Utils.java#murmur2). Signed. */
export function murmur2(key: Uint8Array): number {
  const { length } = key;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let at = 0; at < whole; at += 4) {
    let word = byteAt(key, at) | (byteAt(key, at + 1) << 8) | (byteAt(key, at + 2) << 16) | (byteAt(key, at + 3) << 24);
    word = Math.imul(word, M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  const rest = length - whole;
  if (rest > 2) hash ^= byteAt(key, whole + 2) << 16;
  if (rest > 1) hash ^= byteAt(key, whole + 1) << 8;
  if (rest > 0) hash = Math.imul(hash ^ byteAt(key, whole), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among `partitions`. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Throws OUT_OF_RANGE when a topic has no such partition. */
export function assertPartition(topic: string, partition: number, partitions: number): void {
  if (partition < partitions) return;
  const message = `topic ${topic} has the partitions 0 to ${partitions - 1}, not ${partition}`;
  throw new BottleError(Code.OUT_OF_RANGE, 'no-partition', message);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
