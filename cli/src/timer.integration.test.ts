import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const BIN = join(import.meta.dirname, '../bin/bottle.js');
let directory: string;
let pod: ChildProcess;
let adminPort: string;

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function bottle(...args: string[]): Promise<Result> {
  const env = { ...process.env, BOTTLE_ADMIN_PORT: adminPort };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

function writeProject(timers: readonly object[]): void {
  const events = timers.map((timer) => ({ timer }));
  const manifest = { service: 'cli-timers', functions: { report: { handler: 'src/report.report', events } } };
  writeFileSync(join(directory, 'serverless.yml'), JSON.stringify(manifest, null, 2));
}

const TIMERS = [
  { type: 'cron', value: '0 0 3 1 1 *', timeZone: 'Europe/Berlin', name: 'yearly', payload: { ms: 0 } },
  { type: 'every', value: '1h', name: 'resting', enable: false },
  { type: 'every', value: '200ms', name: 'often' },
];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bct-'));
  mkdirSync(join(directory, 'src'));
  const code = `export const report = async (ctx, { payload }) => {
    if (payload?.fails) throw new Error('as told');
    await new Promise((resolve) => setTimeout(resolve, payload?.ms ?? 0));
  };\n`;
  writeFileSync(join(directory, 'src/report.js'), code);
  writeProject(TIMERS);
  pod = spawn(process.execPath, [BIN, 'start', directory, '--port', '0', '--admin-port', '0'], {
    env: { ...process.env, BOTTLE_DRAIN_PROPAGATION_MS: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = pod;
  if (!stdout) throw new Error('no output');
  for await (const line of createInterface({ input: stdout })) {
    const fields = JSON.parse(line) as { msg: string; adminPort?: number };
    if (fields.msg !== 'sidecar listens') continue;
    adminPort = String(fields.adminPort);
    break;
  }
  stdout.resume();
  await vi.waitUntil(async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok, 20_000);
  await vi.waitUntil(async () => (await bottle('timer', 'list')).stdout.includes('resting'), 20_000);
});
afterAll(async () => {
  pod.kill('SIGTERM');
  await once(pod, 'exit');
  rmSync(directory, { recursive: true, force: true });
});

describe('bottle timer', () => {
  it('lists schedules with their rule, next tick and last run', async () => {
    await vi.waitUntil(async () => (await bottle('timer', 'history', 'often')).stdout.includes('ok'), 10_000);
    const { code, stdout } = await bottle('timer', 'list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SCHEDULE +FUNCTION +RULE +NEXT +RUNNING +LAST RUN/);
    expect(stdout).toMatch(/yearly +report +cron 0 0 3 1 1 \* \(Europe\/Berlin\) +\d{4}-01-01T02:00:00\.000Z +0 +-/);
    expect(stdout).toMatch(/resting +report +every 3600000 ms +disabled +0 +-/);
    expect(stdout).toMatch(/often +report +every 200 ms +\S+Z +\d +\S+Z ok/);
    const json = JSON.parse((await bottle('timer', 'list', '--json')).stdout) as { name: string }[];
    expect(json.map(({ name }) => name)).toEqual(['yearly', 'resting', 'often']);
  });

  it('fires a schedule, waits for its end, and shows it in the history', async () => {
    const fired = await bottle('timer', 'fire', 'yearly', '--data', '{"ms":300}');
    expect(fired).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^yearly: ok after \d{3,}(\.\d)? ms in pod /),
    });
    const failed = await bottle('timer', 'fire', 'resting', '--data', '{"fails":true}', '--json');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ result: 'error', reason: 'function-error', manual: true });
    const history = await bottle('timer', 'history', 'resting');
    expect(history.stdout).toMatch(
      /^SCHEDULED +STARTED +TOOK +POD +RESULT\n\S+Z +\S+Z +\S+ ms +by hand +\S+ +error \(function-error\)/,
    );
    expect((await bottle('timer', 'history', 'yearly', '--json')).stdout).toContain('"result": "ok"');
  });

  it('does not wait when told so', async () => {
    const hasty = await bottle('timer', 'fire', 'yearly', '--no-wait', '-d', '{"ms":8000}');
    expect(hasty).toMatchObject({ code: 0, stdout: expect.stringContaining('bottle timer history yearly') });
    const refused = await bottle('timer', 'fire', 'yearly');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ABORTED (timer-busy)') });
  });

  it('says what was meant, and what is missing', async () => {
    expect(await bottle('timer', 'fire', 'yearyl')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/NOT_FOUND \(no-timer\): .*did you mean "yearly"\?/),
    });
    expect((await bottle('timer', 'fier', 'yearly')).stderr).toContain('did you mean "fire"?');
    expect((await bottle('timer', 'fire')).stderr).toContain('which schedule?');
    expect(await bottle('timer', 'fire', 'yearly', '--data', '{')).toMatchObject({ code: 64 });
    expect(await bottle('timer', 'list', '--admin-port', '1')).toMatchObject({ code: 69 });
  });
});

describe('bottle check', () => {
  it('shows the schedules, and lists what is wrong with them by line', async () => {
    expect((await bottle('check')).stdout).toContain('yearly');
    writeProject([
      { type: 'cron', value: '0 61 * * * *', name: 'a' },
      { type: 'every', value: '1s', name: 'a' },
    ]);
    const { code, stderr } = await bottle('check');
    writeProject(TIMERS);
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /serverless\.yml:\d+ +functions\.report\.events\.0\.timer\.value: .*Invalid value for minute: 61/,
    );
    expect(stderr).toMatch(
      /serverless\.yml:\d+ +functions\.report\.events\.1\.timer\.name: "a" is the name of a schedule/,
    );
  });
});
