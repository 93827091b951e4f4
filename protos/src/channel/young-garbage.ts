import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * A minor collection takes half a millisecond. V8 counts the bytes outside its heap for when to look at all of it, which takes twenty
 * times as long: at 8 MB, each of which leaves several copies behind, it did so eleven times a second.
 */
const COLLECT_BYTES = 2 * 1024 * 1024;

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
