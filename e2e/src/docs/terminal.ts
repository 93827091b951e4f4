import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';

/** A program in a terminal of its own. */
export interface Running {
  /** Settles when it has printed this; rejects when it ends before. */
  until(pattern: RegExp): Promise<void>;
  /** Ctrl-C; settles when it and all that it started have ended. */
  interrupt(): Promise<void>;
}

/** Somebody at a shell in an empty directory, on a machine that has nothing of this repository. */
export class Terminal {
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), 'bt-page-')));
  readonly #env: Record<string, string | undefined>;
  readonly #running = new Set<ChildProcess>();
  #directory = this.#home;

  constructor(env: Readonly<Record<string, string>>) {
    // npm of a test run hands down its settings, and the repository's own programs.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|BOTTLE_|NODE_|VITEST)/.test(name));
    const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
    this.#env = { ...Object.fromEntries(inherited), PATH: path.join(delimiter), ...env };
  }

  /** Runs commands as one script, in the directory in which the last one ended. Resolves with what they printed. */
  async run(commands: string): Promise<string> {
    const place = join(this.#home, '.directory');
    const script = `set -e\n${commands}\npwd > ${place}`;
    const output = await new Promise<string>((resolve, reject) => {
      const options = { cwd: this.#directory, env: this.#env, timeout: 240_000, maxBuffer: 16 * 1024 * 1024 };
      execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${commands}\n${stdout}${stderr}`, { cause: error }));
        else resolve(stdout);
      });
    });
    this.#directory = readFileSync(place, 'utf8').trim();
    return output;
  }

  /** Puts a file into the directory where it began. */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.#home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Starts what does not end by itself. */
  start(command: string): Running {
    const child = spawn('bash', ['-c', `exec ${command}`], {
      cwd: this.#directory,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#running.add(child);
    const exited = once(child, 'close');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return {
      async until(pattern) {
        while (!pattern.test(output)) {
          const said = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]).then(() => true);
          const goesOn = await Promise.race([said, exited.then(() => false)]);
          if (!goesOn && !pattern.test(output)) throw new Error(`${command} ended first:\n${output}`);
        }
      },
      interrupt: async () => {
        // A terminal sends it to everybody in the foreground.
        process.kill(-(child.pid ?? 0), 'SIGINT');
        await exited; // the last of those that hold its output
        this.#running.delete(child);
      },
    };
  }

  async close(): Promise<void> {
    for (const child of this.#running) {
      const exited = once(child, 'close');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}
