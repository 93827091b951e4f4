import { createMemoryState } from '@bottle/capabilities';
import { expect, it } from 'vitest';
import { RecordCell } from './record-cell.ts';

it('makes every change to the newest value, whoever wrote it', async () => {
  const state = createMemoryState();
  const cells = Array.from({ length: 5 }, () => new RecordCell<{ sum: number }>(state, 'sum'));
  const add = (cell: RecordCell<{ sum: number }>) => cell.update((value) => ({ sum: (value?.sum ?? 0) + 1 }));
  await Promise.all(cells.flatMap((cell) => [add(cell), add(cell), add(cell)]));
  expect((await state.read('sum'))?.revision).toBe(15);
  await cells[0]?.refresh();
  expect(cells[0]?.value).toEqual({ sum: 15 });
});

it('lets one of those come through who write the same at the same time', async () => {
  const state = createMemoryState();
  const cells = Array.from({ length: 5 }, () => new RecordCell<{ isThere: boolean }>(state, 'same'));
  const written = await Promise.all(
    cells.map((cell) => cell.update((value) => (value ? undefined : { isThere: true }))),
  );
  expect(written.filter(Boolean)).toHaveLength(1);
});

it('writes nothing when there is nothing to change', async () => {
  const state = createMemoryState();
  const cell = new RecordCell<{ sum: number }>(state, 'sum');
  expect(await cell.update(() => undefined)).toBe(false);
  expect(await state.read('sum')).toBeUndefined();
});

it('goes on after a change that failed', async () => {
  const state = createMemoryState();
  let isDown = true;
  const write: typeof state.write = (...args) => (isDown ? Promise.reject(new Error('down')) : state.write(...args));
  const cell = new RecordCell<{ sum: number }>({ read: state.read, write }, 'sum');
  await expect(cell.update(() => ({ sum: 1 }))).rejects.toThrow('down');
  await expect(
    cell.update(() => {
      throw new Error('mine');
    }),
  ).rejects.toThrow('mine');
  isDown = false;
  expect(await cell.update((value) => ({ sum: (value?.sum ?? 0) + 1 }))).toBe(true);
  expect(cell.value).toEqual({ sum: 1 });
});
