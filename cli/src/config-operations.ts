import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { AdminClient, PodError } from './admin-client.ts';
import { alignedTable } from './aligned-table.ts';
import { type CommandContext, UsageError } from './command.ts';
import { parseExactJson } from './exact-json.ts';
import { readNamed } from './read-data.ts';

/** An entry as the admin port answers it. */
export interface Entry {
  key: string;
  /** Not there when it was deleted. */
  value?: unknown;
  revision: number;
  changedAt: string;
  changedBy: string;
}

/** Options that all of these commands take. */
export const COMMON_OPTIONS = {
  'admin-port': { type: 'string' },
  json: { type: 'boolean' },
  as: { type: 'string' },
  'if-revision': { type: 'string' },
} as const;

export const COMMON_USAGE = `  --json             prints JSON: entries with value, revision, changedAt, changedBy
  --as NAME          who changes it, for the history (default: your user name)
  --if-revision N    changes it only when that is its current revision; 0: only when it never had a value
  --admin-port N     (BOTTLE_ADMIN_PORT, admin.port, 9901)
Exit codes: 0 done, 1 the pod refused, 64 bad usage, 69 no pod answers.
`;

export interface OperationOptions {
  'admin-port'?: string | undefined;
  json?: boolean | undefined;
  as?: string | undefined;
  'if-revision'?: string | undefined;
}

/** What can be done with the entries of one resource, of either capability. */
export class ConfigOperations {
  readonly #pod: AdminClient;
  readonly #base: readonly string[];
  readonly #options: OperationOptions;

  /** The resource may be written with its capability: "switches.flags". */
  constructor(capability: 'config' | 'switches', resource: string, options: OperationOptions, context: CommandContext) {
    const prefix = `${capability}.`;
    const name = resource.startsWith(prefix) ? resource.slice(prefix.length) : resource;
    this.#pod = new AdminClient(options['admin-port'], context);
    this.#base = ['config', capability, name];
    this.#options = options;
  }

  async get(key: string): Promise<Entry> {
    return await this.#pod.ask<Entry>({ path: [...this.#base, key] });
  }

  /** The same, or undefined where there is none. */
  async find(key: string): Promise<Entry | undefined> {
    try {
      return await this.get(key);
    } catch (error) {
      if (error instanceof PodError && error.reason === 'no-value') return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<Entry[]> {
    return (await this.#pod.ask<{ entries: Entry[] }>({ path: this.#base, query: { prefix } })).entries;
  }

  /** Sets a value, or deletes it when it is undefined; `revision` is the one it has to be at. */
  async set(key: string, value: unknown, revision?: number): Promise<void> {
    const expectedRevision = this.#options['if-revision'] ?? (revision === undefined ? undefined : String(revision));
    const query = { expectedRevision, changedBy: this.#changedBy };
    const path = [...this.#base, key];
    const entry = await this.#pod.ask<Entry>(
      value === undefined
        ? { method: 'DELETE', path, query }
        : { method: 'PUT', path, query, body: JSON.stringify(value) },
    );
    this.#changed(entry);
  }

  async rollback(key: string, revision: string): Promise<void> {
    if (!/^\d+$/.test(revision)) throw new UsageError(`"${revision}" is not a revision: see history`);
    const query = { revision, changedBy: this.#changedBy };
    this.#changed(await this.#pod.ask<Entry>({ method: 'POST', path: [...this.#base, key, 'rollback'], query }));
  }

  async printHistory(key: string): Promise<void> {
    const { entries } = await this.#pod.ask<{ entries: Entry[] }>({ path: [...this.#base, key, 'history'] });
    if (this.#options.json) return printJson(entries);
    const rows = entries.map(({ revision, changedAt, changedBy, value }) => [
      String(revision),
      changedAt,
      changedBy === '' ? '-' : changedBy,
      shown(value),
    ]);
    process.stdout.write(alignedTable([['REVISION', 'CHANGED', 'BY', 'VALUE'], ...rows]));
  }

  /** One line for the entry now, and one for each change. Ends only with an error. */
  async printChanges(key: string): Promise<void> {
    for await (const entry of this.#pod.follow<Entry>({ path: [...this.#base, key, 'watch'] }))
      process.stdout.write(
        this.#options.json ? `${JSON.stringify(entry)}\n` : `${entry.revision}  ${shown(entry.value)}\n`,
      );
  }

  get #changedBy(): string {
    if (this.#options.as !== undefined) return this.#options.as;
    try {
      return userInfo().username;
    } catch {
      return ''; // a user id without a name, as in many containers
    }
  }

  #changed(entry: Entry): void {
    if (this.#options.json) printJson(entry);
    else process.stdout.write(`${entry.key} is at revision ${entry.revision}: ${shown(entry.value)}\n`);
  }
}

/** A value as it was written on the command line: JSON, or text when it is none; `@file` and `-` are read. */
export async function readValue(argument: string, { cwd }: CommandContext): Promise<unknown> {
  const isRead = argument === '-' || argument.startsWith('@');
  const content =
    argument === '-' ? await text(process.stdin) : isRead ? await readNamed(resolve(cwd, argument.slice(1))) : argument;
  try {
    return parseExactJson(content);
  } catch (error) {
    // `{on: true}` was meant to be JSON.
    if (/^\s*[[{]/.test(content)) throw new UsageError(`the value is not JSON: ${(error as Error).message}`);
    return isRead ? content.trimEnd() : content;
  }
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** In one line. */
export function shown(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
