// Follows docs/getting-started.md as it stands: packs the packages, serves them from a registry of this machine, and runs
// every command of the page in an empty directory.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '@bottle/test-servers';
import { type LocalRegistry, startLocalRegistry } from '../harness/local-registry.ts';
import { waitFor } from '../harness/pod.ts';
import { ROOT } from '../harness/process.ts';
import { readSteps } from './read-page.ts';
import { type Running, Terminal } from './terminal.ts';

const PAGE = 'docs/getting-started.md';
/** What stays: it is ready when it says so, in words for people or as a line of the log. */
const STAYS = /^(npm run dev|npm start|npx bottle (dev|start)\b.*)$/;
const IS_READY = /is ready on|"msg":"function container connected"/;

const packed = mkdtempSync(join(tmpdir(), 'bt-packed-'));
let registry: LocalRegistry;
let terminal: Terminal;

beforeAll(async () => {
  await promisify(execFile)('npm', ['run', '--silent', 'release', '--', '--out', packed, '--no-check'], { cwd: ROOT });
  registry = await startLocalRegistry(readdirSync(packed).map((file) => join(packed, file)));
}, 180_000);
afterAll(async () => {
  await terminal?.close();
  await registry?.close();
  rmSync(packed, { recursive: true, force: true });
});

/** Throws unless each of these is in the output, in this order. */
function assertPrints(output: string, expected: readonly string[], place: string): void {
  let from = 0;
  for (const text of expected) {
    const found = output.indexOf(text, from);
    if (found === -1) throw new Error(`${place} is to print ${JSON.stringify(text)}; it printed\n${output}`);
    from = found + text.length;
  }
}

it('every command of the page does what the page says', { timeout: 400_000 }, async () => {
  const [port, adminPort] = [await findFreePort(), await findFreePort()];
  terminal = new Terminal({
    npm_config_registry: registry.url,
    npm_config_cache: join(packed, 'cache'),
    npm_config_yes: 'true',
    npm_config_update_notifier: 'false',
    BOTTLE_PORT: String(port),
    BOTTLE_ADMIN_PORT: String(adminPort),
  });
  const steps = readSteps(readFileSync(join(ROOT, PAGE), 'utf8'));
  expect(steps.length).toBeGreaterThan(8);
  let running: Running | undefined;
  for (const { line, commands, expected } of steps) {
    const startedAt = performance.now();
    if (STAYS.test(commands)) {
      await running?.interrupt();
      running = terminal.start(commands);
      await running.until(IS_READY);
    } else {
      const here = commands
        .replaceAll('localhost:8080', `127.0.0.1:${port}`)
        .replaceAll('localhost:9901', `127.0.0.1:${adminPort}`);
      assertPrints(await answerOf(here, expected), expected, `${PAGE}:${line}`);
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${PAGE}:${line} ${seconds} s  ${commands.split('\n')[0]}\n`);
  }
  await running?.interrupt();
  await expect(fetch(`http://127.0.0.1:${port}/hello/Ada`)).rejects.toThrow('fetch failed');

  /** What a person does after a reload: looks again until it is there. Commands that write are run once. */
  async function answerOf(commands: string, expected: readonly string[]): Promise<string> {
    let output = await terminal.run(commands);
    const [first = ''] = expected;
    if (!commands.startsWith('curl') || output.includes(first)) return output;
    await waitFor(async () => {
      output = await terminal.run(commands);
      return output.includes(first);
    }, 10_000).catch(() => {});
    return output;
  }
});
