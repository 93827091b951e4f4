import { expect, it, vi } from 'vitest';
import { CallerProcesses } from './caller-processes.ts';

function callers() {
  const serving = new Set<string>();
  return { serving, processes: new CallerProcesses((instanceId) => serving.has(instanceId)) };
}

it('gives back what a process holds when its stream and its channel are gone, whichever goes first', () => {
  for (const streamFirst of [true, false]) {
    const { serving, processes } = callers();
    const [held, given] = [
      vi.fn<() => Promise<boolean>>(async () => true),
      vi.fn<() => Promise<boolean>>(async () => true),
    ];
    serving.add('a');
    processes.opened('a');
    processes.of('a')?.holds('lock', held);
    processes.of('a')?.holds('other', given);
    processes.of('a')?.holdsNoMore('other');
    const steps = [
      () => processes.closed('a'),
      () => {
        serving.delete('a');
        processes.look('a');
      },
    ];
    const [first, second] = streamFirst ? steps : steps.toReversed();
    first?.();
    expect(held).not.toHaveBeenCalled();
    second?.();
    expect([held.mock.calls.length, given.mock.calls.length]).toEqual([1, 0]);
  }
});

it('keeps what a process holds that opens another stream', () => {
  const { serving, processes } = callers();
  const held = vi.fn<() => Promise<boolean>>(async () => true);
  serving.add('a');
  processes.opened('a');
  processes.of('a')?.holds('lock', held);
  processes.closed('a');
  processes.opened('a');
  serving.delete('a');
  processes.look('a');
  expect(held).not.toHaveBeenCalled();
  processes.closed('a');
  expect(held).toHaveBeenCalledOnce();
});

it('gives back at once what is granted to a process that is gone already', () => {
  const { processes } = callers();
  const held = vi.fn<() => Promise<never>>(async () => Promise.reject(new Error('the store is away')));
  processes.opened('a');
  const process = processes.of('a');
  processes.closed('a');
  process?.holds('lock', held);
  expect(held).toHaveBeenCalledOnce();
  expect(processes.of('a')).toBeUndefined();
});

it('knows nothing of a process that does not say who it is', () => {
  const { processes } = callers();
  processes.opened('');
  expect(processes.of('')).toBeUndefined();
  processes.closed('');
});
