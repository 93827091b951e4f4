import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSettings } from './config.ts';
import { loadSidecarConfig } from './load-sidecar-config.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bottle-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string): string => {
  const path = join(directory, 'sidecar.yml');
  writeFileSync(path, text);
  return path;
};

describe('loadSidecarConfig', () => {
  it('lets a flag win over the environment, that over the file, that over the default', async () => {
    const config = await loadSidecarConfig({
      file: file('http: { port: 1 }\nadmin: { port: 2 }\nlimits: { maxBodyBytes: 3 }\n'),
      env: { BOTTLE_PORT: '10', BOTTLE_ADMIN_PORT: '20', BOTTLE_LOG_ACCESS: 'false' },
      flags: { port: '100' },
    });
    expect([
      config.http.port,
      config.admin.port,
      config.limits.maxBodyBytes,
      config.log.access,
      config.queue.maxWaitMs,
    ]).toEqual([100, 20, 3, false, 10_000]);
    expect(Object.isFrozen(config)).toBe(true);
  });
  it('names every setting in three ways, each once, and describes it', () => {
    const settings = listSettings();
    expect(settings.length).toBeGreaterThan(20);
    expect(new Set(settings.map(({ env }) => env)).size).toBe(settings.length);
    expect(new Set(settings.map(({ flag }) => flag)).size).toBe(settings.length);
    expect(settings.filter(({ description }) => description === '')).toEqual([]);
  });
  it('reports what is wrong in the file also where the environment or a flag decides', async () => {
    const loading = loadSidecarConfig({
      file: file('http: { port: abc }\nadmin: { port: 70000 }\nlog: { level: loud }\n'),
      env: { BOTTLE_PORT: '80', BOTTLE_LOG_LEVEL: 'louder' },
      flags: { 'admin-port': '0' },
    });
    await expect(loading).rejects.toThrow(ConfigProblems);
    const error: unknown = await loading.catch((thrown: unknown) => thrown);
    const problems = (error as ConfigProblems).problems.map(({ source, line, path }) => [
      source.split('/').at(-1),
      line,
      path,
    ]);
    expect(problems).toEqual([
      ['BOTTLE_LOG_LEVEL', undefined, 'log.level'],
      ['sidecar.yml', 1, 'http.port'],
      ['sidecar.yml', 2, 'admin.port'],
      ['sidecar.yml', 3, 'log.level'],
    ]);
  });
  it('reports all mistakes of all sources at once, with their places', async () => {
    const loading = loadSidecarConfig({
      file: file('http:\n  port: x\n  hots: a\nextra: 1\n'),
      env: { BOTTLE_LIMITS_MAX_HEADER_BYTES: 'many' },
      flags: { 'admin-port': '99999' },
    });
    const error = (await loading.catch((thrown: unknown) => thrown)) as {
      problems: { source: string; line?: number; path: string; message: string }[];
    };
    const places = error.problems.map(({ source, line, path }) => [source.split('/').at(-1), line, path]);
    expect(places).toHaveLength(5);
    expect(places).toEqual(
      expect.arrayContaining([
        ['sidecar.yml', 2, 'http.port'],
        ['sidecar.yml', 3, 'http.hots'],
        ['sidecar.yml', 4, 'extra'],
        ['BOTTLE_LIMITS_MAX_HEADER_BYTES', undefined, 'limits.maxHeaderBytes'],
        ['--admin-port', undefined, 'admin.port'],
      ]),
    );
    expect(error.problems.find(({ path }) => path === 'http.hots')?.message).toContain('did you mean "host"');
  });
});
