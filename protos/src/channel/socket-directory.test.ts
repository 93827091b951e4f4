import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BottleError } from '../errors.ts';
import { assertTrustedSocket, prepareSocketDirectory } from './socket-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bottle-sockets-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
/** To others, what is ours is a stranger's: somebody's whose number is neither theirs nor root's. */
const asSomebodyElse = (): void => {
  const own = statSync(root).uid;
  vi.spyOn(process, 'getuid').mockReturnValue(own + 1);
};

it('makes a directory for its user alone, parents included', async () => {
  await prepareSocketDirectory(join(root, 'a/b'));
  expect([modeOf(join(root, 'a')), modeOf(join(root, 'a/b'))]).toEqual(['700', '700']);
});
it('refuses links, files and links to nowhere', async () => {
  mkdirSync(join(root, 'target'));
  symlinkSync(join(root, 'target'), join(root, 'link'));
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  writeFileSync(join(root, 'file'), '');
  await expect(prepareSocketDirectory(join(root, 'link'))).rejects.toMatchObject({ reason: 'socket-owner' });
  await expect(prepareSocketDirectory(join(root, 'dangling'))).rejects.toMatchObject({ reason: 'socket-owner' });
  await expect(prepareSocketDirectory(join(root, 'file'))).rejects.toThrow('is not a directory');
});
it('takes back what others may write, of a directory of its own without the sticky bit', async () => {
  for (const [before, after] of [
    [0o777, '775'],
    [0o1777, '1777'],
    [0o750, '750'],
  ] as const) {
    chmodSync(root, before);
    await prepareSocketDirectory(root);
    expect(modeOf(root)).toBe(after);
  }
});
it('trusts root and itself, and nobody else', async () => {
  writeFileSync(join(root, 'socket'), '');
  const outcomes = async (): Promise<string[]> => {
    const checks = [prepareSocketDirectory(root), assertTrustedSocket(join(root, 'socket'))];
    return await Promise.all(checks.map((check) => check.then(String, (error: BottleError) => error.reason)));
  };
  expect(await outcomes()).toEqual(['undefined', 'undefined']);
  asSomebodyElse();
  const expected = statSync(root).uid === 0 ? 'undefined' : 'socket-owner'; // root's is taken: a volume of a pod is
  expect(await outcomes()).toEqual([expected, expected]);
});
