import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BottleRuns, freePorts, type Run, textAt, until } from '../testing/bottle-runs.ts';

let directory: string;
const runs = new BottleRuns(() => directory);
const debuggers: Debugger[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bi-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(
    join(directory, 'serverless.yml'),
    `service: debugged
provider: { timeout: 1 }
functions:
  hello: { handler: src/hello.hello, events: [{ http: { path: /hello, method: get } }] }
`,
  );
  save('one');
});
afterEach(async () => {
  for (const each of debuggers.splice(0)) each.close();
  await runs.killAll();
  rmSync(directory, { recursive: true, force: true });
});

/** The answer is on line 3. */
function save(text: string): void {
  writeFileSync(
    join(directory, 'src/hello.ts'),
    `type Text = string;\nexport const hello = (): Text => {\n  return ${JSON.stringify(text)};\n};\n`,
  );
}

interface Message {
  id?: number;
  method?: string;
  params?: {
    scriptId?: string;
    url?: string;
    callFrames?: { location: { scriptId: string; lineNumber: number } }[];
  };
  result?: { result?: { value?: unknown } };
}
/** A client of the inspector, as an editor is one. */
class Debugger {
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];
  readonly closed: Promise<unknown>;
  #ids = 0;

  static async attach(port: number): Promise<Debugger> {
    let url = '';
    await until(async () => {
      const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
        { webSocketDebuggerUrl: string },
      ];
      url = target.webSocketDebuggerUrl;
      return true;
    });
    const attached = new Debugger(new WebSocket(url));
    debuggers.push(attached);
    await once(attached.#socket, 'open');
    for (const method of ['Runtime.enable', 'Debugger.enable']) await attached.ask(method);
    return attached;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#messages.push(JSON.parse(String(data)) as Message));
    this.closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  }

  async ask(method: string, params: object = {}): Promise<Message['result']> {
    const id = ++this.#ids;
    this.#socket.send(JSON.stringify({ id, method, params }));
    await until(() => this.#messages.some((message) => message.id === id));
    return this.#messages.find((message) => message.id === id)?.result;
  }

  /** The next stop: "hello.ts:3". */
  async stop(): Promise<string> {
    const index = (): number => this.#messages.findIndex(({ method }) => method === 'Debugger.paused');
    await until(() => index() !== -1);
    const [{ params } = {}] = this.#messages.splice(index(), 1);
    const { scriptId = '', lineNumber = -1 } = params?.callFrames?.[0]?.location ?? {};
    const script = this.#messages.find(
      (message) => message.method === 'Debugger.scriptParsed' && message.params?.scriptId === scriptId,
    );
    return `${script?.params?.url?.split('/').at(-1)}:${lineNumber + 1}`;
  }

  breakAt(file: string, line: number): Promise<Message['result']> {
    return this.ask('Debugger.setBreakpointByUrl', { urlRegex: `/${file}(\\?.*)?$`, lineNumber: line - 1 });
  }

  close(): void {
    this.#socket.close();
  }
}

async function launch(
  command: 'dev' | 'start',
  flag: string,
  ...more: string[]
): Promise<Run & { port: number; debugPort: number }> {
  const [port, adminPort] = await freePorts();
  const [debugPort] = await freePorts();
  const ports = ['--port', String(port), '--admin-port', String(adminPort), '--rpc-port', '0'];
  const run = runs.start(command, '.', `${flag}=${debugPort}`, ...ports, ...more);
  return { ...run, port, debugPort };
}

it('stops at a breakpoint in TypeScript, for longer than the time limit and the watchdog have patience', async () => {
  const dev = await launch('dev', '--inspect', '--');
  await until(async () => (await textAt(dev.port, '/hello')) === 'one');
  const attached = await Debugger.attach(dev.debugPort);
  await attached.breakAt('hello.ts', 3);
  const answer = textAt(dev.port, '/hello');
  expect(await attached.stop()).toBe('hello.ts:3');
  await delay(6_500); // the watchdog's 5 s, and the function's 1 s
  await attached.ask('Debugger.resume');
  expect(await answer).toBe('one');
  expect(dev.output()).not.toContain('starting it again');
});

it('gives the port to the process that a reload brings, at once or when the one before goes on', async () => {
  const dev = await launch('dev', '--inspect');
  await dev.says('is ready on');
  const first = await Debugger.attach(dev.debugPort);
  save('two');
  await first.closed;
  await until(async () => (await textAt(dev.port, '/hello')) === 'two');
  const second = await Debugger.attach(dev.debugPort);
  await second.breakAt('hello.ts', 3);
  const held = textAt(dev.port, '/hello');
  expect(await second.stop()).toBe('hello.ts:3');
  await second.ask('Debugger.setBreakpointsActive', { active: false }); // for what may go there until the sidecar knows
  save('three');
  const answers = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${dev.port}/hello`, { signal: AbortSignal.timeout(500) })).text();
  await until(async () => (await answers()) === 'three');
  await dev.says("the debugger's port is still held");
  await second.ask('Debugger.resume');
  expect(await held).toBe('two');
  await second.closed;
  const third = await Debugger.attach(dev.debugPort);
  await third.breakAt('hello.ts', 3);
  const answer = textAt(dev.port, '/hello');
  expect(await third.stop()).toBe('hello.ts:3');
  await third.ask('Debugger.resume');
  expect(await answer).toBe('three');
  writeFileSync(join(directory, 'src/hello.ts'), 'this is no TypeScript');
  await dev.says('does not load');
  await Debugger.attach(dev.debugPort); // the code from before has it back
});

it('with --inspect-brk stops before the project is loaded, ready when it goes on, and after each reload', async () => {
  const start = await launch('start', '--inspect-brk', '--', '--drain-propagation-ms', '0');
  await start.says('waits for a debugger');
  await delay(6_000); // longer than the watchdog has patience
  const attached = await Debugger.attach(start.debugPort);
  await attached.ask('Runtime.runIfWaitingForDebugger');
  expect(await attached.stop()).toContain('main.ts');
  await attached.breakAt('hello.ts', 3);
  await attached.ask('Debugger.resume');
  await start.says('"msg":"runtime serves"');
  const answer = textAt(start.port, '/hello');
  expect(await attached.stop()).toBe('hello.ts:3');
  await attached.ask('Debugger.resume');
  expect(await answer).toBe('one');
  expect(start.output()).not.toContain('starting it again');
  start.child.kill('SIGTERM');
  expect(await start.exit).toBe(0);
});

it('says whose port is taken, and that nobody is debugged under the permission model', async () => {
  const [port] = await freePorts();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const [httpPort, adminPort] = await freePorts();
  const ports = ['--port', String(httpPort), '--admin-port', String(adminPort), '--rpc-port', '0'];
  const start = runs.start('start', '.', `--inspect=${port}`, ...ports);
  expect(await start.exit).toBe(69);
  expect(start.output()).toContain(`the debugger's port 127.0.0.1:${port} cannot be had: EADDRINUSE`);
  other.close();
  const refused = runs.start('start', '.', '--inspect', '--permission');
  expect([await refused.exit, refused.output()]).toEqual([64, expect.stringContaining('exclude each other')]);
  const wrong = runs.start('dev', '.', '--inspect=here');
  expect([await wrong.exit, wrong.output()]).toEqual([64, expect.stringContaining('not "here"')]);
});

it('leaves no process behind that stands still when the command is killed', async () => {
  const dev = await launch('dev', '--inspect-brk');
  await dev.says('waits for a debugger');
  dev.child.kill('SIGKILL');
  await until(async () => {
    await fetch(`http://127.0.0.1:${dev.debugPort}/json/list`).then(
      () => Promise.reject(new Error('there still')),
      () => {},
    );
    return true;
  });
  expect(dev.output()).toContain('waits for a debugger');
});

it('shows lines of TypeScript in stack traces, from source and after the build', async () => {
  const source = `interface Gone {\n  for: string;\n}\nexport const hello = (): Gone => {\n  throw new Error('on line 5');\n};\n`;
  writeFileSync(join(directory, 'src/hello.ts'), source);
  const build = runs.start('build', '.', '--out', 'out');
  expect([await build.exit, build.output()]).toEqual([0, expect.any(String)]);
  for (const project of ['.', 'out']) {
    const [port, adminPort] = await freePorts();
    const run = runs.start(
      'start',
      project,
      '--port',
      String(port),
      '--admin-port',
      String(adminPort),
      '--rpc-port',
      '0',
    );
    await until(async () => (await fetch(`http://127.0.0.1:${port}/hello`)).status === 500);
    await run.says('on line 5');
    expect(run.output()).toMatch(/at hello \([^)]*src\/hello\.ts:5:9\)/);
    run.child.kill('SIGTERM');
    expect(await run.exit).toBe(0);
  }
});
