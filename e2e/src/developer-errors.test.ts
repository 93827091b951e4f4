// What an error shows its developer, on real processes, and that it shows it to nobody else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from './harness/http2-client.ts';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';
import { startCli } from './security/start-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'bt-develop-'));
const CODE = `import { BottleError, Code } from 'bottle-sdk';

interface Cart { total: number }

export const cart = (): Cart => {
  const apiKey = 'hunter2';
  throw new Error('no price at redis://u:s3cret@h/0', { cause: new TypeError('the cause') });
};
export const typed = () => {
  throw new BottleError(Code.NOT_FOUND, 'no-item', 'there is no such item');
};
export const stray = async (): Promise<void> => {
  setTimeout(() => {
    throw new RangeError('from a timer');
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
};
export async function* streamed(): AsyncGenerator<string> {
  throw new RangeError('before the first byte');
}
export const event = () => {
  throw new Error('an event');
};
`;

function writeProject(name: string, withBroken: boolean): string {
  const project = join(directory, name);
  mkdirSync(join(project, 'src'), { recursive: true });
  const functions = ['cart', 'typed', 'stray', 'streamed'].map(
    (each) => `  ${each}: { handler: src/f.${each}, events: [{ http: { path: /${each}, method: get } }] }`,
  );
  const broken = ['broken', 'syntax'].map(
    (each) => `  ${each}: { handler: src/${each}.run, events: [{ http: { path: /${each}, method: get } }] }`,
  );
  const event = '  event: { handler: src/f.event, events: [{ cloudevents: { type: x } }] }';
  const lines = ['service: d', 'functions:', ...functions, event, ...(withBroken ? broken : [])];
  writeFileSync(join(project, 'serverless.yml'), lines.join('\n'));
  writeFileSync(join(project, 'src/f.ts'), CODE);
  writeFileSync(join(project, 'src/broken.ts'), 'const url: string = undefined.url;\nexport const run = () => url;\n');
  writeFileSync(join(project, 'src/syntax.ts'), 'export const a: number = 1;\nexport const run = () => a +;\n');
  return project;
}

interface Shown {
  status: number;
  detail: string;
  reason: string;
  hint?: string;
  error?: { name: string; message: string; stack: string[]; source?: { file: string; line: number }; cause?: object };
}

let pod: TestPod;
let sidecar: TestProcess;
beforeAll(async () => {
  const h2c = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
  const project = writeProject('with-broken', true);
  pod = new TestPod({ project, runtimeArgs: ['--develop'], sidecarArgs: ['--develop', ...h2c] });
  pod.startRuntime();
  sidecar = await pod.startSidecar();
  await waitFor(async () => (await fetch(`${pod.url}/typed`)).status === 404, 30_000);
});
afterAll(async () => {
  await pod.end();
  rmSync(directory, { recursive: true, force: true });
});

const shown = (path: string, init?: RequestInit) => json<Shown>(fetch(pod.url + path, init));

describe('with --develop an error shows', () => {
  it('what the function threw: message, TypeScript line, source, cause, and no secrets', async () => {
    const problem = await shown('/cart');
    expect(problem).toMatchObject({
      status: 500,
      reason: 'function-error',
      detail: 'no price at redis://***@h/0',
      error: {
        name: 'Error',
        source: { line: 7, column: 9 },
        cause: { name: 'TypeError', message: 'the cause' },
      },
    });
    expect(problem.error?.stack[0]).toMatch(/^at cart \(.*\/src\/f\.ts:7:9\)$/);
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|s3cret/);
  });
  it.each([
    ['/typed', { status: 404, reason: 'no-item', detail: 'there is no such item', error: { source: { line: 10 } } }],
    ['/stray', { status: 500, reason: 'uncaught-error', detail: 'from a timer', error: { source: { line: 14 } } }],
    ['/streamed', { status: 500, detail: 'before the first byte', error: { source: { line: 19 } } }],
    ['/broken', { status: 503, reason: 'init-failed', error: { name: 'TypeError', source: { line: 1 } } }],
    ['/syntax', { status: 503, reason: 'init-failed', error: { name: 'SyntaxError', source: { line: 2 } } }],
    ['/nope', { status: 404, reason: 'no-route', hint: expect.stringContaining('http event') as string }],
  ])('%s', async (path, expected) => {
    expect(await shown(path)).toMatchObject(expected);
  });
  it('to who sends a CloudEvent', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'x', 'ce-source': '/t', 'ce-id': '1' };
    expect(await shown('/events', { method: 'POST', headers })).toMatchObject({ detail: 'an event' });
  });
  it('as a page to who asks for HTML, over HTTP/1.1 and 2', async () => {
    const response = await fetch(`${pod.url}/cart`, { headers: { accept: 'text/html' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('<h1>Error: no price at redis://***@h/0</h1>');
    const { http2Port } = await sidecar.said('sidecar listens');
    const session = await openSession(`http://127.0.0.1:${String(http2Port)}`);
    const page = await ask(session, '/broken', { accept: 'text/html' });
    expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    expect(page.body.toString()).toContain('const url: string = undefined.url;');
    session.destroy();
  });
});

describe('bottle', () => {
  const startWith = async (command: 'dev' | 'start'): Promise<{ document: Shown; page: string | null }> => {
    const cli = await startCli(command, writeProject(command, false), { env: { NODE_ENV: 'development' } });
    try {
      const document = await json<Shown>(fetch(`${cli.url}/cart`));
      const page = await fetch(`${cli.url}/cart`, { headers: { accept: 'text/html' } });
      return { document, page: page.headers.get('content-type') };
    } finally {
      await cli.end();
    }
  };
  it('dev shows it', async () => {
    const { document, page } = await startWith('dev');
    expect(document).toMatchObject({ detail: 'no price at redis://***@h/0', error: { source: { line: 7 } } });
    expect(page).toBe('text/html; charset=utf-8');
  });
  it('start shows nothing of it, whatever NODE_ENV says', async () => {
    const { document, page } = await startWith('start');
    expect(Object.keys(document)).toEqual(['type', 'title', 'status', 'detail', 'code', 'reason', 'invocationId']);
    expect(document.detail).toBe('internal error');
    expect(page).toBe('application/problem+json');
  });
  it('start cannot be told to', async () => {
    const started = startCli('start', writeProject('told', false), { args: ['--', '--develop'], env: {} });
    await expect(started).rejects.toThrow('--develop is for `bottle dev` alone');
  });
});

it('a process that does not develop neither tells nor shows', async () => {
  const project = writeProject('half', false);
  for (const options of [{ runtimeArgs: ['--develop'] }, { sidecarArgs: ['--develop'] }]) {
    const half = await TestPod.start({ project, ...options });
    const text = await (await fetch(`${half.url}/cart`)).text();
    await half.end();
    expect(text).toContain('"detail":"internal error"');
    expect(text).not.toContain('no price');
  }
});
