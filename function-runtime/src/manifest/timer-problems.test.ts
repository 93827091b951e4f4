import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '@bottle/config-file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifest, type Manifest } from './manifest.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'bt-manifest-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** One function for each list of schedules: line 6 has the first schedule of the first one. */
async function load(...schedules: string[][]): Promise<Manifest> {
  const functions = schedules.map((timers, at) => {
    const events = timers.map((timer) => `      - timer: ${timer}\n`).join('');
    return `  f${at}:\n    handler: src/a.a\n    events:\n${events}`;
  });
  writeFileSync(join(directory, 'serverless.yml'), `service: s\nfunctions:\n${functions.join('')}`);
  return loadManifest(directory);
}

/** "6 value: what is wrong" */
async function problems(...schedules: string[][]): Promise<string[]> {
  const error: unknown = await load(...schedules).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigProblems)) throw new Error('no problems');
  return error.problems.map(({ line, path, message }) => `${line} ${path.split('.').at(-1)}: ${message}`);
}

describe('a schedule', () => {
  it('of each type is announced with its defaults; one that is not enabled as disabled', async () => {
    const { functions } = await load([
      '{ type: cron, value: "0 30 3 * * *", timeZone: Europe/Berlin, payload: { a: [1] } }',
      '{ type: every, value: 90s, name: minutes, jitter: 5s, misfire: all, overlap: queue, broadcast: true }',
      '{ type: interval, value: 1.5, enable: false }',
    ]);
    const defaults = {
      payloadJson: '',
      timeZone: '',
      misfire: 'once',
      overlap: 'skip',
      jitterMs: 0,
      broadcast: false,
      disabled: false,
    };
    expect(functions[0]?.triggers.timers).toEqual([
      {
        ...defaults,
        name: 'f0-0',
        schedule: 'cron',
        cron: '0 30 3 * * *',
        timeZone: 'Europe/Berlin',
        payloadJson: '{"a":[1]}',
      },
      {
        ...defaults,
        name: 'minutes',
        schedule: 'everyMs',
        everyMs: '90000',
        jitterMs: 5_000,
        misfire: 'all',
        overlap: 'queue',
        broadcast: true,
      },
      { ...defaults, name: 'f0-2', schedule: 'intervalMs', intervalMs: '1500', disabled: true },
    ]);
  });

  it.each(['30 3 * * 1-5', '*/5 * * * * *', '0 0 0 L * *', '0 0 0 * * MON#2', '@daily'])(
    'may be "%s"',
    async (cron) => {
      expect((await load([`{ type: cron, value: "${cron}" }`])).functions).toHaveLength(1);
    },
  );
});

describe('a problem is reported with its line:', () => {
  it.each([
    [
      '{ type: cron, value: "0 61 * * * *" }',
      'value: "0 61 * * * *" is not a cron expression: Invalid value for minute: 61',
    ],
    ['{ type: cron, value: "* * * *" }', 'value: expected five fields'],
    ['{ type: cron, value: "0 0 0 1 1 * 2030" }', 'value: expected five fields'],
    ['{ type: cron, value: "2030-01-01T00:00:00" }', 'value: expected five fields'],
    ['{ type: cron, value: 30 }', 'value: expected five fields'],
    ['{ type: cron, value: "0 0 30 2 *" }', 'value: "0 0 30 2 *" never comes to pass'],
    ['{ type: cron, value: "0 0 * * * *", timeZone: Mars/Phobos }', 'timeZone: "Mars/Phobos" is not a time zone'],
    ['{ type: cron, value: "0 * * * * *", jitter: 60s }', 'jitter: expected less than the 60 s'],
    ['{ type: every, value: 5 minutes }', 'value: expected a duration for type every'],
    ['{ type: every, value: "*/5 * * * * *" }', 'is it meant to be `type: cron`?'],
    ['{ type: every, value: 1ms }', 'value: expected at least 10 ms'],
    ['{ type: every, value: 1s, jitter: 1s }', 'jitter: expected less than the 1 s'],
    ['{ type: every, value: 1s, timeZone: UTC }', 'timeZone: has no meaning for type every'],
    ['{ type: interval, value: -1 }', 'value: expected a duration for type interval'],
    ['{ type: interval, value: 1s, broadcast: true }', 'broadcast: expected type cron or every'],
    ['{ type: cron, value: "0 * * * * *", name: "a b" }', 'name: '],
    ['{ type: hourly, value: 1 }', 'type: '],
  ])('%s', async (timer, message) => {
    const found = await problems([timer]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
    expect(found[0]).toMatch(/^6 /);
  });

  it('two schedules of one name, also across functions and with a name by default', async () => {
    const every = (name: string): string => `{ type: every, value: 1s, name: ${name} }`;
    expect(await problems([every('same'), every('same')], [every('same')])).toEqual([
      '7 name: "same" is the name of a schedule of f0 already',
      '11 name: "same" is the name of a schedule of f0 already',
    ]);
    expect(await problems(['{ type: every, value: 1s }'], [every('f0-0')])).toEqual([
      '10 name: "f0-0" is the name of a schedule of f0 already',
    ]);
  });
});
