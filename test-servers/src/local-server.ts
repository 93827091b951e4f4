import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from './endpoint.ts';
import { type Guard, pidFileIn, startGuard } from './guard.ts';
import type { LocalCommand, ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';
import { untilReady } from './until-ready.ts';

/** Starts a server from this machine's programs, on 127.0.0.1, with its data in a directory of its own. */
export async function startLocal(kind: ServerKind, port: number): Promise<TestServer> {
  const endpoint = { host: '127.0.0.1', port };
  const directory = await mkdtemp(join(tmpdir(), `bottle-${kind.name.toLowerCase()}-`));
  const guard = startGuard(directory);
  try {
    const command = await kind.prepareLocal(directory, endpoint);
    const server = new LocalServer({ kind, endpoint, directory, guard, command });
    try {
      await server.restart();
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  } catch (error) {
    await guard.release();
    throw error;
  }
}

interface LocalServerParts {
  kind: ServerKind;
  endpoint: Endpoint;
  directory: string;
  guard: Guard;
  command: LocalCommand;
}

class LocalServer implements TestServer {
  readonly source = 'local';
  readonly address: string;
  readonly #parts: LocalServerParts;
  #process: ChildProcess | undefined;
  #stopped = false;

  constructor(parts: LocalServerParts) {
    this.#parts = parts;
    this.address = parts.kind.addressOf(parts.endpoint);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child !== undefined && isRunning(child)) {
      child.ref();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    // The system may give the id to another process now.
    await rm(pidFileIn(this.#parts.directory), { force: true });
  }

  async pause(): Promise<void> {
    this.#signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#signal('SIGCONT');
  }

  async restart(): Promise<void> {
    if (this.#stopped) throw new Error(`this ${this.#parts.kind.name} was stopped and its data removed`);
    await this.kill();
    const { kind, endpoint, directory, command } = this.#parts;
    const logFile = join(directory, 'log');
    const child = launch(command, pidFileIn(directory), logFile);
    this.#process = child;
    let failure: string | undefined;
    child.once('error', (error) => (failure = error.message));
    child.once('exit', (code, signal) => (failure = `${command.program} ended with ${signal ?? code}`));
    try {
      await untilReady(kind, endpoint, () => failure);
    } catch (error) {
      throw new Error(`${(error as Error).message}${await lastLines(logFile)}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.kill();
    await this.#parts.guard.release();
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#process?.kill(signal) !== true) throw new Error(`this ${this.#parts.kind.name} is not running`);
  }
}

/** The shell writes its process id, then becomes the server: the guard knows the id before there is a server. */
function launch({ program, args }: LocalCommand, pidFile: string, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    const child = spawn('/bin/sh', ['-c', 'echo $$ >"$0"; exec "$@"', pidFile, program, ...args], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function lastLines(logFile: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-15);
  return log === '' ? '' : `; its log ends with\n${lines.map((line) => `    ${line}`).join('\n')}`;
}
