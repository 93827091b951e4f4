import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After this much, a minor collection costs less than what it frees. */
const COLLECT_BYTES = 8 * 1024 * 1024;

/**
 * Counts buffers that were streamed through and dropped, and has them freed now and then. V8 schedules minor
 * collections by the objects on its heap, of which a chunk is one small handle; its bytes, outside the heap, would pile
 * up to some hundred megabytes first. Returns what to call with the size of each chunk, in bytes.
 */
export function createYoungGarbage(): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  let dropped = 0;
  return (bytes) => {
    dropped += bytes;
    if (dropped < COLLECT_BYTES) return;
    dropped = 0;
    collect({ type: 'minor' });
  };
}
