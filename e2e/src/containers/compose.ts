import { ROOT } from '../harness/process.ts';
import { answers, type Engine, run } from './engine.ts';

/** The command that runs docker-compose.yml here; undefined when none is installed. */
export async function findCompose(engine: Engine): Promise<readonly string[] | undefined> {
  if (engine.name === 'docker' && (await answers('docker', ['compose', 'version']))) return ['docker', 'compose'];
  // Older ones know no profiles.
  const version = await run('podman-compose', ['--version']).catch(() => '');
  return /version:? (1\.[1-9]|[2-9])/.test(version) ? ['podman-compose'] : undefined;
}

/** Runs the compose file's embedded profile, hands its address to `check`, and removes everything. */
export async function withCompose(
  [command = '', ...first]: readonly string[],
  env: Readonly<Record<string, string>>,
  check: (httpPort: number) => Promise<void>,
): Promise<void> {
  const compose = (...args: string[]): Promise<string> =>
    run(command, [...first, ...args], {
      cwd: ROOT,
      env: { ...env, COMPOSE_PROFILES: 'embedded', COMPOSE_PROJECT_NAME: 'bottle-e2e-compose' },
      timeoutMs: 180_000,
    });
  try {
    await compose('up', '--detach');
    await check(Number(env['BOTTLE_PORT']));
  } finally {
    await compose('down', '--volumes').catch(() => {});
  }
}
