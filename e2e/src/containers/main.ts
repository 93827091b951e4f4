// `npm run e2e:containers`: builds the images, runs the light store in a pod of two containers with the security context
// of the manifest, drives traffic through it, kills and drains it; then the compose file. Needs Podman 4 or later (or
// Docker, for the images and the compose file), and root where the base image has to be made. Exit code 1: something
// failed, or there is no engine and --allow-missing was not given.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort } from '@bottle/test-servers';
import { LoadClient } from '../harness/load.ts';
import { provideBaseImage } from './base-image.ts';
import { findCompose, withCompose } from './compose.ts';
import { ContainerPod } from './container-pod.ts';
import { findEngine } from './engine.ts';
import { buildImages } from './images.ts';

const { 'allow-missing': allowMissing, help } = parseArgs({
  options: { 'allow-missing': { type: 'boolean' }, help: { type: 'boolean' } },
}).values;
if (help) {
  process.stdout.write(
    'Usage: npm run e2e:containers -- [--allow-missing]\n\n  --allow-missing   no container engine: say so, and succeed\n',
  );
  process.exit(0);
}

const scratchDir = await mkdtemp(join(tmpdir(), 'bottle-containers-'));
const rows: { check: string; figure: string; ok: boolean }[] = [];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function record(check: string, ok: boolean, figure: string): void {
  rows.push({ check, figure, ok });
  say(`${ok ? 'ok    ' : 'FAILED'} ${check}: ${figure}`);
}

async function checkPod(pod: ContainerPod): Promise<void> {
  const url = `http://127.0.0.1:${pod.ports.http}`;
  await pod.start();
  const items = await fetch(`${url}/items`);
  record('the light store answers', items.status === 200, `GET /items ${items.status}`);

  for (const container of ['sidecar', 'function']) {
    const uid = await pod.evaluate(container, 'console.log(process.getuid())');
    record(`${container}: not root`, uid !== '0', `uid ${uid}`);
    const written = await pod.evaluate(
      container,
      "try { require('fs').writeFileSync('/app/x', ''); console.log('written') } catch (error) { console.log(error.code) }",
    );
    record(`${container}: its files cannot be changed`, /^(EROFS|EACCES)$/.test(written), written);
  }

  for (const [container, limitMs] of [
    ['function', 3_000],
    ['sidecar', 4_000],
  ] as const) {
    const client = new LoadClient(url, { method: 'GET', path: '/items', connections: 8, onRefused: 'retry' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await pod.kill(container);
    const backMs = await untilUnreadyAndBack(pod);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await client.stop();
    const { sent, answers, failures } = client;
    const lost = sent - answers.length;
    const figure = `ready again after ${backMs} ms; sent ${sent}, answered ${answers.length}, failed ${failures.length}, lost ${lost}`;
    record(`SIGKILL ${container} under load`, backMs <= limitMs && lost === 0, figure);
  }

  const client = new LoadClient(url, { method: 'GET', path: '/items', connections: 8, onRefused: 'end' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await pod.drain(); // as the hooks do, which Podman does not have
  await pod.stop();
  await client.stop();
  const { sent, answers, failures } = client;
  record(
    'the pod stops under load',
    failures.length === 0,
    `sent ${sent}, answered ${answers.length}, failed ${failures.length}`,
  );
  const codes = [await pod.exitCode('sidecar'), await pod.exitCode('function')];
  record(
    'both processes ended by themselves',
    codes.every((code) => code === '0'),
    `exit codes ${codes.join(', ')}`,
  );
}

/** Readiness has to be seen lost first: the kill is not instantaneous. */
async function untilUnreadyAndBack(pod: ContainerPod): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 1_000) {
    const answer = await fetch(`http://127.0.0.1:${pod.ports.admin}/readyz`).catch(() => undefined);
    if (!answer?.ok) break;
  }
  await pod.untilReady(30_000);
  return Math.round(performance.now() - startedAt);
}

try {
  const engine = await findEngine(scratchDir);
  if (!engine) {
    say('There is no container engine here (podman, or docker with its daemon): NOTHING WAS TESTED.');
    process.exitCode = allowMissing ? 0 : 1;
  } else {
    say(`${engine.name}: ${(await engine.run(['--version'])).trim()}`);
    const base = await provideBaseImage(engine, scratchDir, say);
    for (const { image, aboveBaseMb, limitMb } of await buildImages(engine, base, say)) {
      record(`${image} above its base`, aboveBaseMb <= limitMb, `${aboveBaseMb} MB (at most ${limitMb})`);
    }
    if (engine.name === 'podman') {
      const pod = new ContainerPod(engine, scratchDir, { http: await findFreePort(), admin: await findFreePort() });
      try {
        await checkPod(pod);
      } finally {
        await pod.remove();
      }
    } else {
      record('the pod', false, 'needs podman: docker has no pods');
    }
    const compose = await findCompose(engine);
    if (compose) {
      const env = {
        ...engine.env,
        BASE_IMAGE: base,
        BOTTLE_PORT: String(await findFreePort()),
        BOTTLE_ADMIN_PORT: String(await findFreePort()),
        BOTTLE_RPC_PORT: String(await findFreePort()),
      };
      await withCompose(compose, env, async (port) => {
        let status = 0;
        for (let attempt = 0; attempt < 60 && status !== 200; attempt++) {
          status = await fetch(`http://127.0.0.1:${port}/items`).then(
            (answer) => answer.status,
            () => 0,
          );
          if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 500));
        }
        record('docker-compose.yml, embedded profile', status === 200, `GET /items ${status}`);
      });
    } else {
      say('docker-compose.yml was NOT RUN: neither docker compose nor podman-compose 1.1 or later is installed.');
    }
    process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
  }
} catch (error) {
  say(String(error));
  process.exitCode = 1;
} finally {
  await rm(scratchDir, { recursive: true, force: true });
}
if (rows.length > 0) {
  const width = Math.max(...rows.map(({ check }) => check.length));
  process.stdout.write(
    rows.map(({ check, figure, ok }) => `${ok ? 'ok    ' : 'FAILED'} ${check.padEnd(width)}  ${figure}\n`).join(''),
  );
}
