import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** The process that another one has started, by a word of its command line (Linux). */
function childOf(parent: number, word: string): number {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const isIt = (pid: string): boolean =>
    read(`/proc/${pid}/stat`).split(' ')[3] === String(parent) && read(`/proc/${pid}/cmdline`).includes(word);
  return Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && isIt(name)));
}

it('a function container that goes silent loses its connection within seconds, and what was pending is settled', async () => {
  const pod = await TestPod.start({ project: 'readers', runtimeArgs: ['--blocked-ms', '0'] });
  ending.push(() => pod.end());
  const reader = await fetch(`${pod.url}/feed`);
  const events = reader.body?.getReader();
  await events?.read();
  pod.runtime.kill('SIGSTOP');
  const pending = fetch(`${pod.url}/ping`);
  await expect(events?.read()).rejects.toThrow('terminated');
  const answer = await pending;
  expect([answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([503, 'connection-lost']);
  const line = await pod.sidecar.said('the function container does not answer, its connection is replaced');
  expect(line).toMatchObject({ level: 50, inARow: 3 });
  pod.runtime.kill('SIGCONT');
  await waitFor(async () => (await fetch(`${pod.url}/ping`)).status === 200, 10_000);
});

it('a sidecar that goes silent is noticed by the function container, too', async () => {
  const pod = await TestPod.start({ project: 'faults' });
  ending.push(() => pod.end());
  pod.sidecar.kill('SIGSTOP');
  const line = await pod.runtime.said('the sidecar does not answer, its connection is replaced');
  expect(line).toMatchObject({ level: 50, inARow: 3 });
  pod.sidecar.kill('SIGCONT');
  await waitFor(async () => (await fetch(`${pod.url}/work`, { method: 'POST' })).status === 200, 10_000);
});

it('after three silences in a row the supervisor replaces the process', async () => {
  const project = `${ROOT}e2e/functions/faults`;
  const supervisor = new TestProcess([`${ROOT}cli/src/main.ts`, 'start', project, '--port', '0', '--admin-port', '0']);
  ending.push(async () => {
    supervisor.kill('SIGTERM');
    await supervisor.exit();
  });
  const { port, adminPort } = await supervisor.said('sidecar listens');
  const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${String(adminPort)}/readyz`)).ok;
  await waitFor(ready, 20_000);
  process.kill(childOf(supervisor.pid, 'function-runtime'), 'SIGSTOP');
  expect(await supervisor.said('the function container is stuck, it is to be replaced')).toMatchObject({ inARow: 3 });
  await supervisor.line(({ msg }) => msg === 'runtime ended (SIGKILL), starting it again');
  const served = async (): Promise<boolean> => {
    return (await fetch(`http://127.0.0.1:${String(port)}/work`, { method: 'POST' })).status === 200;
  };
  await waitFor(served, 20_000);
});
