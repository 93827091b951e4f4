import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../bin/bottle.js');
let directory: string;
let sidecar: ChildProcess;
let adminPort: string;

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function bottle(...args: string[]): Promise<Result> {
  const env = { ...process.env, BOTTLE_ADMIN_PORT: adminPort };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bcc-'));
  const resources = {
    config: { pricing: { driver: 'file' } },
    switches: { flags: { driver: 'file' } },
    cache: { gone: { driver: 'redis', url: 'redis://127.0.0.1:1' } },
  };
  const config = join(directory, 'sidecar.yml');
  writeFileSync(
    config,
    JSON.stringify({
      socketDir: join(directory, 's'),
      dataDir: directory,
      http: { port: 0 },
      admin: { port: 0 },
      resources,
    }),
  );
  const main = join(import.meta.dirname, '../../sidecar/src/main.ts');
  sidecar = spawn(process.execPath, ['--conditions=source', main, '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = sidecar;
  if (!stdout) throw new Error('no output');
  for await (const line of createInterface({ input: stdout })) {
    const fields = JSON.parse(line) as { msg: string; adminPort?: number };
    if (fields.msg === 'sidecar listens') {
      adminPort = String(fields.adminPort);
      break;
    }
  }
  stdout.resume();
});
afterAll(async () => {
  sidecar.kill('SIGKILL');
  await once(sidecar, 'exit');
  rmSync(directory, { recursive: true, force: true });
});

describe('bottle resources', () => {
  it('shows driver, state, breaker, load, latency, and why one is not available', async () => {
    const { code, stdout } = await bottle('resources');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^RESOURCE +DRIVER +STATE +BREAKER +IN FLIGHT +LATENCY/);
    expect(stdout).toMatch(/config\.pricing +file +ready +closed +0 +[\d.]+ ms/);
    expect(stdout).toMatch(/cache\.gone +redis +unavailable +closed +0 +- +redis: .*ECONNREFUSED/);
    const json = JSON.parse((await bottle('resources', '--json')).stdout) as { id: string }[];
    expect(json.map(({ id }) => id)).toContain('switches.flags');
  });
  it('says how to start a pod when none answers', async () => {
    const { code, stdout, stderr } = await bottle('resources', '--admin-port', '1');
    expect([code, stdout]).toEqual([69, '']);
    expect(stderr).toBe(
      'bottle: no pod answers on 127.0.0.1:1: start one with `bottle dev`, or say where it is with --admin-port\n',
    );
  });
});

describe('what answers and is no pod', () => {
  it.each([
    ['a page', 200, '<html></html>'],
    ['an error', 404, 'not found'],
  ])('%s is named with its port, in one line', async (_what, status, body) => {
    const foreign = createServer((_request, response) => response.writeHead(status).end(body));
    await once(foreign.listen(0, '127.0.0.1'), 'listening');
    const { port } = foreign.address() as AddressInfo;
    const { code, stdout, stderr } = await bottle('resources', '--admin-port', String(port));
    foreign.close();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `bottle: what answers on 127.0.0.1:${port} is no pod of this version (status ${status}): say where the pod is with --admin-port\n`,
    );
  });
});

describe('bottle config', () => {
  it('says how long a key may be', async () => {
    for (const length of [600, 5_000]) {
      const { code, stderr } = await bottle('config', 'get', 'pricing', 'k'.repeat(length));
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^bottle: INVALID_ARGUMENT \(bad-key\): .*512/)]);
    }
  });
  it('sets, gets and lists values: JSON, or text when it is none', async () => {
    const set = await bottle('config', 'set', 'pricing', 'discount', '{"percent":20}', '--as', 'ann');
    expect(set).toEqual({ code: 0, stdout: 'discount is at revision 1: {"percent":20}\n', stderr: '' });
    await bottle('config', 'set', 'config.pricing', 'note', 'summer sale');
    await bottle('config', 'set', 'pricing', 'a/b c', '7');
    expect((await bottle('config', 'get', 'pricing', 'note')).stdout).toBe('"summer sale"\n');
    expect(JSON.parse((await bottle('config', 'get', 'pricing', 'discount')).stdout)).toEqual({ percent: 20 });
    expect((await bottle('config', 'list', 'pricing')).stdout).toBe(
      'KEY       REVISION  VALUE\na/b c     1         7\ndiscount  1         {"percent":20}\nnote      1         "summer sale"\n',
    );
    expect((await bottle('config', 'list', 'pricing', 'dis')).stdout).not.toContain('note');
    expect(readFileSync(join(directory, 'pricing.config.yml'), 'utf8')).toContain('note: summer sale');
  });
  it('reads a value from a file', async () => {
    writeFileSync(join(directory, 'value.json'), '{"list":[1,2]}\n');
    const { stdout } = await bottle('config', 'set', 'pricing', 'from-file', '@value.json');
    expect(stdout).toContain('{"list":[1,2]}');
  });
  it('shows the history and rolls back', async () => {
    for (const value of ['1', '2', '3']) await bottle('config', 'set', 'pricing', 'step', value, '--as', 'bob');
    const history = await bottle('config', 'history', 'pricing', 'step');
    expect(history.stdout).toMatch(/REVISION +CHANGED +BY +VALUE\n3 .*Z +bob +3\n2 .* 2\n1 .* 1\n$/);
    const back = await bottle('config', 'rollback', 'pricing', 'step', '1');
    expect(back.stdout).toBe('step is at revision 4: 1\n');
    const none = await bottle('config', 'rollback', 'pricing', 'step', '99');
    expect([none.code, none.stderr]).toEqual([
      1,
      'bottle: NOT_FOUND (no-revision): "step" has no revision 99: its history goes from 1 to 4\n',
    ]);
    expect((await bottle('config', 'delete', 'pricing', 'step')).stdout).toBe('step is at revision 5: (none)\n');
    expect((await bottle('config', 'get', 'pricing', 'step')).stderr).toContain('NOT_FOUND (no-value)');
  });
  it('refuses a change that somebody else was faster with', async () => {
    await bottle('config', 'set', 'pricing', 'race', '1');
    const { code, stderr } = await bottle('config', 'set', 'pricing', 'race', '2', '--if-revision', '7');
    expect(code).toBe(1);
    expect(stderr).toContain('ABORTED (revision-conflict): "race" is at revision 1, not 7');
  });
  it('prints every change while it watches', async () => {
    const watching = spawn(process.execPath, [BIN, 'config', 'watch', 'pricing', 'live', '--admin-port', adminPort]);
    const lines = createInterface({ input: watching.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await lines.next()).value;
    expect(await next()).toBe('0  (none)');
    await bottle('config', 'set', 'pricing', 'live', '"on air"');
    expect(await next()).toBe('1  "on air"');
    await bottle('config', 'delete', 'pricing', 'live');
    expect(await next()).toBe('2  (none)');
    watching.kill('SIGINT');
    await once(watching, 'exit');
  });
  it('says what is wrong with a command line', async () => {
    const cases: [string[], string][] = [
      [[], 'bottle: what? bottle config get|set|delete|list|watch|history|rollback\n'],
      [['histroy', 'pricing', 'a'], 'bottle: bottle config has no "histroy"; did you mean "history"?\n'],
      [['get'], 'bottle: which resource? bottle config get <resource>\n'],
      [['get', 'pricing'], 'bottle: which key? bottle config get pricing <key>\n'],
      [['set', 'pricing', 'a', '{on: true}'], 'bottle: the value is not JSON: '],
      [['set', 'pricing', 'a', 'two', 'words'], 'bottle: "words" is too much; quote values with blanks\n'],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await bottle('config', ...args);
      expect([code, stderr.slice(0, message.length)]).toEqual([64, message]);
    }
    const unknown = await bottle('config', 'get', 'prices', 'a');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('there is no resource config.prices (there is config.pricing): add `resources:');
    expect((await bottle('config', '--help')).stdout).toContain('Usage: bottle config <operation> <resource>');
  });
});

describe('bottle switch', () => {
  it('turns on, off and to a share, and keeps what it must', async () => {
    expect((await bottle('switch', 'on', 'flags', 'promo')).stdout).toBe('promo is at revision 1: {"on":true}\n');
    const rules = '{"on":false,"rules":[{"if":{"country":["DE","AT"]},"variant":"blue"}],"description":"summer"}';
    expect((await bottle('switch', 'set', 'flags', 'promo', rules)).code).toBe(0);
    await bottle('switch', 'percent', 'flags', 'promo', '20', '--by', 'tenant');
    expect(JSON.parse((await bottle('switch', 'show', 'flags', 'promo')).stdout)).toEqual({
      ...(JSON.parse(rules) as object),
      on: true,
      percent: 20,
      by: 'tenant',
    });
    expect((await bottle('switch', 'list', 'flags')).stdout).toMatch(/promo +1 rule, else on for 20 % by tenant +3/);
    expect((await bottle('switch', 'off', 'flags', 'promo')).stdout).toContain('{"on":false,"description":"summer"}');
    expect((await bottle('switch', 'rollback', 'flags', 'promo', '3')).stdout).toContain('"percent":20');
    expect((await bottle('switch', 'history', 'flags', 'promo')).stdout.trim().split('\n')).toHaveLength(6);
  });
  it('refuses what is no switch, with every mistake', async () => {
    const { code, stderr } = await bottle('switch', 'set', 'flags', 'bad', '{"on":1,"rules":[{"precent":5}]}');
    expect(code).toBe(1);
    expect(stderr).toContain('INVALID_ARGUMENT (switch-invalid): "bad" is not a switch: on: expected true or false; ');
    expect(stderr).toContain('rules.0.precent: unknown key');
    expect((await bottle('switch', 'percent', 'flags', 'promo', '120')).stderr).toBe(
      'bottle: "120" is not a percentage from 0 to 100\n',
    );
    expect((await bottle('switch', 'show', 'flags', 'none')).stderr).toContain('NOT_FOUND (no-value)');
  });
});
