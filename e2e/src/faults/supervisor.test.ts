import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';

/** Of the processes whose command line has the text. */
function pidsOf(text: string): number[] {
  const commandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return ''; // it ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(text))
    .map(Number);
}

it('both processes end when their supervisor is killed, although nobody reads their last lines', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bt-orphan-'));
  writeFileSync(join(directory, 'serverless.yml'), 'service: s\nfunctions:\n  f: { handler: f.f }\n');
  writeFileSync(
    join(directory, 'f.mjs'),
    'export const f = () => {\n  setInterval(() => console.log("still here"), 1);\n  return 1;\n};\n',
  );
  const supervisor = new TestProcess([
    join(ROOT, 'cli/src/main.ts'),
    'start',
    directory,
    '--port',
    '0',
    '--admin-port',
    '0',
  ]);
  const { adminPort } = await supervisor.said('sidecar listens');
  const invoke = `http://127.0.0.1:${String(adminPort)}/functions/f/invoke`;
  await waitFor(async () => (await fetch(invoke, { method: 'POST' })).ok, 20_000); // from now on it logs without end
  const [runtime] = pidsOf(`${directory}\0--socket-dir`);
  expect(runtime).toBeGreaterThan(0);
  const socketDir = /--socket-dir\0([^\0]+)/.exec(readFileSync(`/proc/${runtime}/cmdline`, 'utf8'))?.[1] ?? '';
  expect(pidsOf(socketDir)).toHaveLength(2);
  supervisor.kill('SIGKILL');
  await waitFor(() => pidsOf(socketDir).length === 0, 20_000);
  rmSync(directory, { recursive: true });
  rmSync(socketDir, { recursive: true, force: true });
});
