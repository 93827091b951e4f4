import { spawn } from 'node:child_process';
import { copyFile, cp, mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, CommandError, type Engine, run } from './engine.ts';

const PUBLISHED = 'node:26-bookworm-slim';
const LOCAL = 'localhost/bottle-base:24-bookworm';
/** The machine's own certificates: where no registry is reachable, npm may only be so through a proxy that has its own. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** The published base image, or, where no registry is reachable, one like it made from Debian's packages and this Node.js. */
export async function provideBaseImage(
  engine: Engine,
  scratchDir: string,
  say: (text: string) => void,
): Promise<string> {
  if (await has(engine, PUBLISHED)) return PUBLISHED;
  const pulled = await engine.run(['pull', '--quiet', `docker.io/library/${PUBLISHED}`], { timeoutMs: 60_000 }).then(
    () => true,
    () => false,
  );
  if (pulled) return `docker.io/library/${PUBLISHED}`;
  say(`${PUBLISHED} cannot be pulled`);
  if (await has(engine, LOCAL)) return LOCAL;
  if (process.getuid?.() !== 0 || !(await answers('debootstrap', ['--version']))) {
    throw new CommandError('no registry is reachable; to make a base image here, be root and install debootstrap');
  }
  say('making a base image from Debian packages …');
  const root = join(scratchDir, 'base');
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root]);
  await copyFile(await realpath(process.execPath), join(root, 'usr/local/bin/node'));
  await run('npm', ['install', '--global', '--prefix', join(root, 'usr/local'), '--no-audit', '--no-fund', 'npm@11']);
  await cp(CERTIFICATES, join(root, CERTIFICATES), { dereference: true });
  for (const useless of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    await rm(join(root, useless), { recursive: true, force: true });
    await mkdir(join(root, useless), { recursive: true });
  }
  const archive = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await engine.run(['import', '--change', `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, '-', LOCAL], {
    input: archive.stdout,
  });
  await rm(root, { recursive: true, force: true });
  return LOCAL;
}

function has(engine: Engine, image: string): Promise<boolean> {
  return engine.run(['image', 'inspect', image]).then(
    () => true,
    () => false,
  );
}
