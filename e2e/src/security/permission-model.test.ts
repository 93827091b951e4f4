// The runtime by itself under Node's permission model, as in a container: NODE_OPTIONS turns it on there.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

let directory: string;
let pod: TestPod | undefined;
let runtime: TestProcess | undefined;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'bs-')));
  mkdirSync(join(directory, 'src'));
  const events = (path: string): string => `events: [{ http: { path: ${path}, method: get } }]`;
  writeFileSync(
    join(directory, 'serverless.yml'),
    [
      'service: s',
      'functions:',
      `  work: { handler: src/f.work, ${events('/work')} }`,
      `  steal: { handler: src/f.steal, ${events('/steal')} }`,
      `  file: { handler: src/f.file, ${events('/file')} }`,
      `  block: { handler: src/f.block, ${events('/block')} }`,
    ].join('\n'),
  );
  writeFileSync(
    join(directory, 'src/f.ts'),
    [
      "import { readFileSync } from 'node:fs';",
      "import { Worker } from 'node:worker_threads';",
      "import { helper } from './helper';",
      'export const work = (): string => helper;',
      'export const steal = () => {',
      '  const codes: string[] = [];',
      "  const ways = [() => readFileSync('/etc/passwd'), () => new Worker('1', { eval: true, execArgv: [] })];",
      '  for (const way of ways) try { way(); codes.push("done"); } catch (error) { codes.push(error.code); }',
      '  return codes;',
      '};',
      "export const file = (ctx) => ctx.sendFile(ctx.query['path'], { root: ctx.query['root'] });",
      'export const block = () => { for (;;); };',
    ].join('\n'),
  );
  writeFileSync(join(directory, 'src/helper.ts'), "export const helper: string = 'worked';");
});
afterEach(async () => {
  await runtime?.end();
  await pod?.end();
  rmSync(directory, { recursive: true, force: true });
});

/** A pod whose runtime got these options by NODE_OPTIONS. */
async function startPod(flags: readonly string[]): Promise<{ pod: TestPod; runtime: TestProcess }> {
  const started = new TestPod({ project: directory });
  pod = started;
  const permissions = [
    '--permission',
    '--disable-warning=SecurityWarning',
    `--allow-fs-read=${ROOT}`,
    `--allow-fs-read=${directory}`,
    `--allow-fs-read=${started.socketDir}`,
    `--allow-fs-write=${started.socketDir}`,
    // Newer than Node.js 24: its socket is one of the network's.
    ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
    ...flags,
  ];
  const args = [join(ROOT, 'function-runtime/src/main.ts'), directory, '--socket-dir', started.socketDir];
  runtime = new TestProcess([...args, '--blocked-ms', '1000'], { NODE_OPTIONS: permissions.join(' ') });
  await started.startSidecar();
  await started.untilReady();
  return { pod: started, runtime };
}

it('serves functions, which can neither read outside nor start threads, and the watchdog still watches', async () => {
  const { pod: started, runtime: process } = await startPod(['--allow-worker']);
  expect(await (await fetch(`${started.url}/work`)).text()).toBe('worked');
  expect(await json<string[]>(fetch(`${started.url}/steal`))).toEqual(['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED']);
  const file = (query: string) => fetch(`${started.url}/file?${query}`);
  expect(await (await file('root=src&path=helper.ts')).text()).toContain('worked');
  expect((await file('root=/etc&path=passwd')).status).toBe(404);
  await process.line(({ reason }) => reason === 'it may not be read');
  const asked = fetch(`${started.url}/block`);
  const line = await process.line(({ msg }) => msg === 'event loop blocked, ending the process');
  expect(line['stack']).toBe('not available: --permission');
  expect(await process.exit()).toBe('SIGKILL');
  expect((await asked).status).toBe(503);
});

it('takes back the inspector as well, and does without the watchdog where threads are not allowed at all', async () => {
  const { pod: started, runtime: process } = await startPod(['--allow-inspector']);
  expect(await json<string[]>(fetch(`${started.url}/steal`))).toEqual(['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED']);
  expect(process.isRunning).toBe(true);
  expect(process.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});
