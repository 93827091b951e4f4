import { expect, it } from 'vitest';
import { createMemoryState } from './memory-state.ts';

it('counts leases by the monotonic clock and tells the time of the wall clock', async () => {
  let time = 0;
  const state = createMemoryState({ now: () => time, wallClock: () => 77_000 });
  await state.enter('pods', 'a', 1_000);
  time = 999;
  expect(await state.enter('pods', 'b', 1_000)).toEqual({ members: ['a', 'b'], nowMs: 77_000 });
  time = 1_000;
  expect((await state.enter('pods', 'b', 1_000)).members).toEqual(['b']);
});
