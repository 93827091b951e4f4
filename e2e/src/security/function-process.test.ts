// What function code reaches of the machine that it runs on, when both processes are one user's.
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { ROOT } from '../harness/process.ts';
import { type CliPod, startCli } from './start-cli.ts';

const SECRET = 's3cr3t-of-the-operator';

interface Reached {
  got?: unknown;
  code?: string;
  message?: string;
}

let directory: string;
let project: string;
let env: Record<string, string>;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'bs-')));
  project = join(directory, 'project');
  cpSync(join(ROOT, 'e2e/functions/intruder'), project, { recursive: true });
  for (const name of ['tmp', 'outside', 'extra', 'project/secrets']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'outside/file'), 'outside');
  writeFileSync(join(directory, 'outside/module.mjs'), 'export default "outside";');
  writeFileSync(join(directory, 'extra/file'), 'extra');
  writeFileSync(join(project, 'secrets/password'), SECRET);
  writeFileSync(join(project, 'secrets/readme'), 'public');
  writeFileSync(join(project, 'sidecar.yml'), sidecarFile(project));
  env = {
    CACHE_PASSWORD: SECRET,
    API_TOKEN: SECRET,
    BOTTLE_RPC_TLS_KEY: SECRET,
    BOTTLE_ADMIN_TOKEN: SECRET,
    FOR_FUNCTIONS: 'hello',
    TMPDIR: join(directory, 'tmp'),
  };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function reach(pod: CliPod, way: string, target = ''): Promise<Reached> {
  const body = JSON.stringify({ way, target });
  const headers = { 'content-type': 'application/json' };
  return json<Reached>(fetch(`${pod.url}/reach`, { method: 'POST', headers, body }));
}

describe.each(['start', 'dev'] as const)('bottle %s', (command) => {
  let pod: CliPod;
  beforeAll(async () => {
    pod = await startCli(command, project, { env });
  });
  afterAll(() => pod.end());

  it('gives functions nothing in the environment that sidecar.yml refers to, nor the sidecar’s settings', async () => {
    const { got } = await reach(pod, 'environment');
    expect(JSON.stringify(got)).not.toContain(SECRET);
    expect(got).toMatchObject({ FOR_FUNCTIONS: 'hello' });
    const names = Object.keys(got as object);
    const ours = ['BOTTLE_SUPERVISED', ...(command === 'dev' ? ['BOTTLE_LOG_TURN_STACK_MS'] : [])];
    expect(names.filter((name) => name.startsWith('BOTTLE_')).toSorted()).toEqual(ours.toSorted());
    expect(names).not.toContain('CACHE_PASSWORD');
    expect(names).not.toContain('API_TOKEN');
  });
  it('lets them use what they were granted, and nothing else', async () => {
    expect(await reach(pod, 'cache', 'allowed')).toEqual({ got: null });
    expect(await reach(pod, 'cache', 'denied')).toMatchObject({ code: 'PERMISSION_DENIED' });
  });
  it('asks for the operator’s token on the admin port', async () => {
    expect(await reach(pod, 'admin', `${pod.adminUrl}/readyz`)).toEqual({ got: 200 });
    for (const path of ['/functions', '/resources', '/config/config/any'])
      expect(await reach(pod, 'admin', pod.adminUrl + path)).toEqual({ got: 401 });
    const authorization = `Bearer ${SECRET}`;
    expect((await fetch(`${pod.adminUrl}/functions`, { headers: { authorization } })).status).toBe(200);
  });
});

describe('bottle start --permission', () => {
  let pod: CliPod;
  beforeAll(async () => {
    pod = await startCli('start', project, { env, args: ['--permission', '--allow-read', join(directory, 'extra')] });
  });
  afterAll(() => pod.end());

  it.each([
    ['read', 'outside/file'],
    ['read', 'project/sidecar.yml'],
    ['read', 'project/secrets/password'],
    ['list', 'project/.bottle'],
    ['list', '.'],
    ['write', 'outside/written'],
    ['write', 'project/src/reach.ts'],
    ['append', 'project/serverless.yml'],
    ['link', 'outside/file'],
    ['import', 'outside/module.mjs'],
  ])('refuses to %s %s', async (way, path) => {
    expect(await reach(pod, way, join(directory, path))).toMatchObject({ code: 'ERR_ACCESS_DENIED' });
  });
  it.each([
    ['read', '/etc/passwd'],
    ['list', homedir()],
    ['read', `/proc/${process.pid}/environ`],
    ['read', '/proc/self/environ'],
    ['spawn', 'id'],
    ['thread', '/etc/passwd'],
    ['inspector', ''],
  ])('refuses to %s %s', async (way, target) => {
    expect(await reach(pod, way, target)).toMatchObject({ code: 'ERR_ACCESS_DENIED' });
  });
  it('has no way around by add-ons or node:sqlite', async () => {
    expect(await reach(pod, 'addon', '/any.node')).toMatchObject({ code: 'ERR_DLOPEN_DISABLED' });
    expect(await reach(pod, 'sqlite', join(directory, 'outside/db'))).toMatchObject({ code: 'NO_SQLITE' });
    expect(existsSync(join(directory, 'outside/db'))).toBe(false);
  });
  it('leaves what functions need: their project, what was allowed, temporary files', async () => {
    expect(await reach(pod, 'read', join(project, 'serverless.yml'))).toMatchObject({
      got: expect.stringContaining('intruder'),
    });
    expect(await reach(pod, 'read', join(project, 'secrets/readme'))).toEqual({ got: 'public' });
    expect(await reach(pod, 'read', join(directory, 'extra/file'))).toEqual({ got: 'extra' });
    expect(await reach(pod, 'temporary')).toEqual({ got: 'yes' });
  });
  it('keeps the code that it compiled where only this project’s functions can write', async () => {
    expect(existsSync(join(project, '.bottle/compile-cache'))).toBe(true);
    const { got } = await reach(pod, 'environment');
    expect((got as Record<string, string>)['NODE_COMPILE_CACHE']).toBe(join(project, '.bottle/compile-cache'));
  });
});

it('bottle start says when nothing keeps functions from the secrets of the sidecar', async () => {
  const warnings = ({ lines }: CliPod): string[] => lines.filter((line) => line.includes('same user as the sidecar'));
  const pod = await startCli('start', project, { env });
  expect(warnings(pod)).toHaveLength(1);
  await pod.end();
  const kept = await startCli('start', project, { env, args: ['--permission'] });
  expect(warnings(kept)).toEqual([]);
  await kept.end();
});

function sidecarFile(folder: string): string {
  const password = join(folder, 'secrets/password');
  return [
    'resources:',
    '  cache:',
    '    allowed: { driver: memory }',
    '    denied: { driver: memory }',
    '  http:',
    '    api:',
    '      baseUrl: "http://127.0.0.1:1"',
    '      headers:',
    '        authorization: "Bearer ${API_TOKEN:-none}"',
    '        x-password: "${CACHE_PASSWORD}"',
    `        x-file: "\${file:${password}}"`,
    `        x-literal: "${SECRET}"`,
    '',
  ].join('\n');
}
