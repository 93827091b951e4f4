// What becomes of a log when its reader goes, never reads, or has no room: lines are lost and counted, and nothing else. `BOTTLE_SAYINGS=100000`
// for the whole.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@bottle/test-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';

const SAYINGS = Number(process.env['BOTTLE_SAYINGS'] ?? 2_000);
const CLIENTS = 16;
const STOP_MS = 5_000;

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

interface QuietPod {
  child: ChildProcess;
  url: string;
}

/** `bottle start` with its log there; ready. */
async function startInto(stdout: 'pipe' | number): Promise<QuietPod> {
  const [port, adminPort] = [await findFreePort(), await findFreePort()];
  const args = ['start', join(ROOT, 'e2e/functions/talker'), '--port', String(port), '--admin-port', String(adminPort)];
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/bottle.js'), ...args], {
    env: { ...process.env, BOTTLE_DRAIN_PROPAGATION_MS: '0' },
    stdio: ['ignore', stdout, 'pipe'],
  });
  ending.push(() => child.kill('SIGKILL'));
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, 30_000);
  return { child, url: `http://127.0.0.1:${port}` };
}

/** How many of the requests, each of which logs, were answered. */
async function say(url: string, { requests = SAYINGS, lines = 1 } = {}): Promise<number> {
  let left = requests;
  let answered = 0;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${url}/say?lines=${lines}`);
      if ((await response.text()) === 'said') answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answered;
}

/** How long it took to stop, in milliseconds. */
async function stop({ child }: QuietPod): Promise<number> {
  const startedAt = performance.now();
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  return performance.now() - startedAt;
}

describe('a pod whose log', () => {
  it('nobody reads any more serves on, and stops when it is told to', async () => {
    const pod = await startInto('pipe');
    pod.child.stdout?.destroy();
    expect(await say(pod.url)).toBe(SAYINGS);
    expect(await stop(pod)).toBeLessThan(STOP_MS);
  });
  it('has a reader that does not read serves on, and stops when it is told to', async () => {
    const pod = await startInto('pipe');
    expect(await say(pod.url)).toBe(SAYINGS);
    expect(await stop(pod)).toBeLessThan(STOP_MS);
  });
  it.skipIf(process.platform !== 'linux')(
    'finds no room on the disk serves on, and stops when it is told to',
    async () => {
      const pod = await startInto(openSync('/dev/full', 'w'));
      expect(await say(pod.url)).toBe(SAYINGS);
      expect(await stop(pod)).toBeLessThan(STOP_MS);
    },
  );
  it('was left unread is told how many lines it has not got', async () => {
    const pod = await startInto('pipe');
    // More than waits for it, in the function process and in the command.
    const [requests, lines] = [400, 200];
    expect(await say(pod.url, { requests, lines })).toBe(requests);
    let text = '';
    pod.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await stop(pod);
    const said = text.split('\n').filter((line) => line.includes('said said')).length;
    const dropped = [...text.matchAll(/"dropped":(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(dropped).toBeGreaterThan(0);
    expect(said + dropped).toBeGreaterThanOrEqual(requests * lines);
  });
});

describe('a function', () => {
  it('cannot end the output of its process, and its characters are whole', async () => {
    const pod = await TestPod.start({ project: 'talker' });
    ending.push(() => pod.end());
    const get = async (path: string): Promise<string> => (await fetch(pod.url + path)).text();
    expect([await get('/end'), await get('/halves'), await get('/say')]).toEqual(['ended', 'written', 'said']);
    await pod.runtime.said('the last word');
    await pod.runtime.said('grüße');
    await pod.runtime.line(({ msg }) => String(msg).startsWith('said said'));
  });
});

it('a command whose output finds no room says so, and fails', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/bottle.js'), '--help'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  const [said, [code]] = await Promise.all([child.stderr?.setEncoding('utf8').toArray(), once(child, 'exit')]);
  expect([said?.join(''), code]).toEqual([expect.stringContaining('the output cannot be written: ENOSPC'), 74]);
});
