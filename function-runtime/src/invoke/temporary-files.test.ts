import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { TemporaryDirectory } from './temporary-directory.ts';
import { TemporaryFiles } from './temporary-files.ts';

const logger = pino({ level: 'silent' });
let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'temporary-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Of a process that is gone: ids are not that large. */
const GONE = 'bottle-files-99999999-abc';

describe('temporary files', () => {
  const create = async (files: TemporaryFiles): Promise<string> => {
    const { path, handle } = await files.create();
    await handle.close();
    return path;
  };

  it('are for their owner alone, and removed together', async () => {
    const files = new TemporaryFiles(new TemporaryDirectory(parent), logger);
    const paths = [await create(files), await create(files)];
    expect(paths.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(statSync(dirname(paths[0] ?? '')).mode & 0o777).toBe(0o700);
    files.remove();
    await expect.poll(() => paths.some((path) => existsSync(path))).toBe(false);
  });
  it('are not made any more when they were removed, not even one that was under way', async () => {
    const directory = new TemporaryDirectory(parent);
    const files = new TemporaryFiles(directory, logger);
    await directory.path();
    const underWay = files.create();
    files.remove();
    await expect(underWay).rejects.toThrow('over');
    await expect(files.create()).rejects.toThrow('over');
    expect(readdirSync(await directory.path())).toEqual([]);
  });
});

describe('the directory for them', () => {
  it('is made when it is needed, and again when somebody has tidied it away', async () => {
    const directory = new TemporaryDirectory(parent);
    expect(readdirSync(parent)).toEqual([]);
    const path = await directory.path();
    rmSync(path, { recursive: true });
    expect(await directory.path()).toBe(path);
    expect(existsSync(path)).toBe(true);
    await directory.remove();
    expect(readdirSync(parent)).toEqual([]);
  });
  it('is tried again when it could not be made', async () => {
    const directory = new TemporaryDirectory(join(parent, 'later'));
    await expect(directory.path()).rejects.toThrow('ENOENT');
    mkdirSync(join(parent, 'later'));
    expect(existsSync(await directory.path())).toBe(true);
  });
  it('is removed by the next process, when its own is gone', async () => {
    const others = [
      GONE,
      `bottle-files-${process.pid}-old`,
      `bottle-files-${process.ppid}-a`,
      'bottle-files-x-1',
      'else',
    ];
    for (const name of others) {
      mkdirSync(join(parent, name));
      writeFileSync(join(parent, name, '1'), 'x');
    }
    const directory = new TemporaryDirectory(parent);
    const own = await directory.path();
    await directory.removeStale(logger);
    expect(readdirSync(parent).toSorted()).toEqual([...others.slice(2), own.slice(parent.length + 1)].toSorted());
    await new TemporaryDirectory(join(parent, 'nowhere')).removeStale(logger); // nothing is there
  });
});
