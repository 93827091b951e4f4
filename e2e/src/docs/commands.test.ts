// Runs every command of the pages, page by page, as somebody does who reads from top to bottom: in a fresh directory, with
// real processes on embedded drivers. What this machine alone cannot do is in one table, with the reason.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '@bottle/test-servers';
import { ROOT } from '../harness/process.ts';
import { commandsIn } from './commands-in.ts';
import { type Block, blocksOfPages, docPages } from './read-blocks.ts';
import { readSteps } from './read-page.ts';
import { type Running, Terminal } from './terminal.ts';

const GETTING_STARTED = 'docs/getting-started.md';

/** Commands that are not run here, by page; every entry is one that a page has. */
const ELSEWHERE: readonly { command: RegExp; pages?: RegExp; why: string }[] = [
  { command: /^npm (create bottle|run dev\b)/, why: `run by ${GETTING_STARTED}'s own test, from a registry` },
  { command: /^npm install$|^npx --package bottle-cli /, why: 'asks the registry; npm run e2e:stranger does it' },
  { command: /^npm start/, why: 'what it starts is run for examples/light-store/README.md' },
  {
    command: /^npm (test|run (test:unit|test:oldest|check|format))\b/,
    pages: /^(README|CONTRIBUTING)/,
    why: 'this suite itself, and CI',
  },
  { command: /^npm run (e2e:|soak|bench|scale)/, why: 'runs for minutes; CI has them' },
  { command: /^npx vitest /, why: 'this suite itself' },
  { command: /^(COMPOSE_PROFILES=\w+ )?docker /, why: 'needs Docker; npm run e2e:containers does it' },
  { command: /^kubectl |\| kubectl /, why: 'needs a cluster' },
  { command: /^grpcurl /, why: 'a program that is not ours' },
  { command: /test-servers\/src\/main\.ts/, why: 'starts Redis, MySQL and Kafka' },
  { command: /servers\.env$|^export REDIS_URL|sidecar\.real\.yml/, why: 'needs Redis, MySQL and Kafka' },
];
/** What stays: it is ready when it says so, in words for people or as a line of the log. */
const STAYS = /^npx bottle (dev|start|config watch)\b/;
const IS_READY = /is ready on|"msg":"function container connected"|waits for a debugger|"?percent"?:/;

/** What npx finds, without its half a second on two cores each time; `getting-started.test.ts` and the stranger's run the real one. */
const FOUND_BY_NPX =
  'npx() { if [ -x "node_modules/.bin/$1" ]; then local found=$1; shift; "node_modules/.bin/$found" "$@"; else command npx "$@"; fi; }';

/** Run by their own test. */
const isRunHere = ({ page, language }: Block): boolean => page !== GETTING_STARTED || language !== 'sh';
const blocks = blocksOfPages(ROOT).filter(({ language }) => language === 'sh' || language === 'console');
const elsewhere = ({ page }: Block, command: string) =>
  ELSEWHERE.find((entry) => entry.command.test(command) && (entry.pages?.test(page) ?? true));

/** A terminal that finds the packages of this repository as a project does that has them installed. */
async function openTerminal(port: number): Promise<Terminal> {
  const programs = join(ROOT, 'node_modules/node/bin');
  const opened = new Terminal({
    PATH: `${existsSync(programs) ? `${programs}:` : ''}${process.env['PATH'] ?? ''}`,
    REPOSITORY: ROOT,
    BOTTLE_PORT: String(port),
    BOTTLE_ADMIN_PORT: String(await findFreePort()),
    BOTTLE_RPC_PORT: '0',
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
  });
  await opened.run('ln -s "$REPOSITORY/node_modules" node_modules');
  return opened;
}

describe('the commands of the pages', () => {
  const counts = { run: 0, elsewhere: 0 };

  // Two at a time: a page waits for its processes more than it computes.
  it.concurrent.for(docPages(ROOT).filter((page) => blocks.some((block) => block.page === page && isRunHere(block))))(
    'of %s do what they are for',
    { timeout: 300_000 },
    async (page, { onTestFinished }) => {
      const port = await findFreePort();
      const opened = await openTerminal(port);
      onTestFinished(() => opened.close());
      let running: Running | undefined;
      const written = new Set<string>();
      const run = async (command: string): Promise<void> => {
        if (!STAYS.test(command)) {
          const here = command.replaceAll('localhost:8080', `127.0.0.1:${port}`).replaceAll('/tmp/', './');
          await opened.run(`${FOUND_BY_NPX}\n${here}`);
          return;
        }
        if (!command.includes('config watch')) await running?.interrupt();
        const started = opened.start(command);
        await started.until(IS_READY);
        if (command.includes('config watch')) await started.interrupt();
        else running = started;
      };
      const onPage = blocks.filter((block) => block.page === page && isRunHere(block));
      for (const block of onPage) {
        if (commandsIn(block).every((command) => elsewhere(block, command))) {
          counts.elsewhere += commandsIn(block).length;
          continue;
        }
        for (const [path, text] of block.files) {
          if (!written.has(path)) await opened.write(path, text); // once: a pod that develops sees each writing
          written.add(path);
        }
        for (const command of commandsIn({ language: 'sh', text: block.context })) await run(command);
        for (const command of commandsIn(block)) {
          const isElsewhere = elsewhere(block, command) !== undefined;
          counts[isElsewhere ? 'elsewhere' : 'run'] += 1;
          if (isElsewhere) continue;
          await run(command).catch((cause: unknown) => {
            throw new Error(`${page}:${block.line} ${(cause as Error).message}`, { cause });
          });
        }
      }
      await running?.interrupt();
      expect(onPage.length).toBeGreaterThan(0);
    },
  );

  it('are all run, here or elsewhere', () => {
    process.stdout.write(
      `${counts.run} commands of the pages run, ${counts.elsewhere} are for elsewhere; ${readSteps(readFileSync(join(ROOT, GETTING_STARTED), 'utf8')).length} steps of ${GETTING_STARTED} by its own test\n`,
    );
    expect(counts.run).toBeGreaterThan(45);
  });
  it('that are for elsewhere are still on a page', () => {
    const all = blocks.flatMap((block) => commandsIn(block).map((command) => ({ block, command })));
    const stale = ELSEWHERE.filter((entry) => !all.some(({ block, command }) => elsewhere(block, command) === entry));
    expect(stale).toEqual([]);
  });
  it('that name a script of the repository name one that there is', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const inRepository = blocks.filter(({ page }) =>
      /^(README|CONTRIBUTING|docs\/(images|operations|limits))/.test(page),
    );
    const named = inRepository.flatMap((block) =>
      commandsIn(block).flatMap((command) => /^npm run ([\w:]+)/.exec(command)?.[1] ?? []),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => name !== 'dev' && !(name in scripts))).toEqual([]);
  });
});
