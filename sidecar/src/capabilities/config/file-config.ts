// Configuration in a file that people edit: one mapping of keys to values.
//  1. What does not parse changes nothing: the values from before stay, also over a restart.
//  2. Whatever changed the file, each changed key gets a new revision; they are kept in `<file>.history.jsonl`.
//  3. The history is written before the file, so that another sidecar on the same file finds the revision there.
//  4. An editor may remove or empty a file for a moment: neither is believed at once.
//  5. A change costs what it changes, and no turn does more than some milliseconds, however many keys there are.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConfigDriver, type ConfigRecord, ConfigRevisions, type ConfigSetting } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { Logger } from 'pino';
import type { FileConfig } from '../../resources-config.ts';
import { defaultFile } from '../default-file.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { type ConfigDocument, EMPTY_DOCUMENT, readConfigDocument } from './config-document.ts';
import { HistoryFile } from './history-file.ts';
import { watchPath } from './watch-path.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** How long an empty or missing file is given to come back. */
const GRACE_MS = 300;

/** Configuration in a watched file; a missing one is empty. */
export async function createFileConfig(settings: FileConfig, context: NamedDriverContext): Promise<ConfigDriver> {
  const { id, log } = context;
  const file = settings.file ?? defaultFile(id.startsWith('switches.') ? 'switches' : 'config', context);
  if (settings.file === undefined) await mkdir(dirname(file), { recursive: true }).catch(() => {});
  const store = new FileStore(file, id, log);
  // The watch stands before the first look: nothing happens in between.
  const watching = await watchPath(file, () => void store.reload());
  await store.open();
  return {
    problem: undefined,
    get warning() {
      return store.warning;
    },
    ping: async () => {},
    get: async (key) => store.revisions.get(key),
    set: (setting) => store.set(setting),
    history: async (key) => store.revisions.history(key),
    list: async (prefix) => store.revisions.list(prefix),
    watch: (key, onRecord) => store.revisions.watch(key, onRecord),
    async close() {
      watching.close();
      await store.idle();
      store.revisions.clear();
    },
  };
}

class FileStore {
  readonly revisions = new ConfigRevisions();
  warning: string | undefined;
  readonly #file: string;
  readonly #id: string;
  readonly #log: Logger;
  readonly #history: HistoryFile;
  #document = EMPTY_DOCUMENT;
  #isOpen = false;
  /** One thing at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(file: string, id: string, log: Logger) {
    this.#file = file;
    this.#id = id;
    this.#log = log;
    this.#history = new HistoryFile({
      file: `${file}.history.jsonl`,
      former: `${file}.history.json`,
      onProblem: (reason) => log.warn({ resource: id, reason }, 'the history of a configuration file cannot be kept'),
    });
  }

  open(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  reload(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  async idle(): Promise<void> {
    await this.#queue.catch(() => {});
  }

  set(setting: ConfigSetting): Promise<ConfigRecord> {
    return this.#inTurn(async () => {
      await this.#read(); // what others wrote comes first
      if (this.warning !== undefined) {
        const message = `${this.#id} cannot be changed before its file is right again: ${this.warning}`;
        throw new BottleError(Code.FAILED_PRECONDITION, 'config-file-invalid', message);
      }
      const record = this.revisions.plan(setting);
      const document = await this.#edited(setting);
      try {
        await mkdir(dirname(this.#file), { recursive: true });
        await this.#history.append([record]); // invariant 3
        await writeFileAtomically(this.#file, document.text);
      } catch (error) {
        await this.#history.append([{ ...record, undone: true }]);
        throw writeFailed(this.#id, error);
      }
      this.#document = document;
      this.revisions.add(record);
      await this.#keepShort();
      return record;
    });
  }

  /** Takes over what the file says now. */
  async #read(): Promise<void> {
    for await (const { undone, ...record } of this.#history.news()) {
      if (undone) this.revisions.takeBack(record);
      else this.revisions.restore(record);
    }
    await this.#keepShort();
    try {
      const text = await this.#currentText();
      if (this.#isOpen && text === this.#document.text) return this.#warn(undefined);
      this.#document = await readConfigDocument(text, { isJson: this.#isJson, before: this.#document });
      this.#isOpen = true;
      this.#warn(undefined);
    } catch (error) {
      this.#warn((error as Error).message); // invariant 1
      return;
    }
    await this.#takeOver(this.#document);
  }

  async #takeOver({ values }: ConfigDocument): Promise<void> {
    const gone = [...this.revisions.values()].filter(([key]) => !values.has(key)).map(([key]) => [key] as const);
    const changed = [...values].filter(([key, valueJson]) => this.revisions.get(key).valueJson !== valueJson);
    const records: ConfigRecord[] = [];
    try {
      for (const [key, valueJson] of [...gone, ...changed]) {
        const record = this.revisions.plan({ key, valueJson, expectedRevision: undefined, changedBy: '' });
        this.revisions.add(record);
        records.push(record);
      }
    } catch (error) {
      this.#warn((error as Error).message);
    }
    if (records.length > 0) await this.#history.append(records);
  }

  /** Also when it comes from an older version. */
  async #keepShort(): Promise<void> {
    if (this.#history.isToBeWritten(this.revisions.count)) await this.#history.replace([...this.revisions.all()]);
  }

  get #isJson(): boolean {
    return extname(this.#file) === '.json';
  }

  async #currentText(): Promise<string> {
    const text = await this.#readText();
    if (text.trim() !== '' || this.#document.text.trim() === '') return text;
    await delay(GRACE_MS); // invariant 4
    return await this.#readText();
  }

  async #readText(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return '';
      throw error;
    }
  }

  async #edited({ key, valueJson }: ConfigSetting): Promise<ConfigDocument> {
    const document = await this.#document.edited(key, valueJson);
    if (document.values.get(key) === valueJson) return document;
    throw new BottleError(Code.INTERNAL, 'internal', `"${key}" would not read back from ${this.#id} as it was written`);
  }

  /** Visible as long as it holds; logged when it is new. */
  #warn(reason: string | undefined): void {
    const warning = reason === undefined ? undefined : `${this.#file}: ${reason}; the values from before stay in use`;
    if (warning !== undefined && warning !== this.warning)
      this.#log.warn({ resource: this.#id, file: this.#file, reason }, 'a configuration file cannot be used');
    if (warning === undefined && this.warning !== undefined)
      this.#log.info({ resource: this.#id, file: this.#file }, 'the configuration file is right again');
    this.warning = warning;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work, work);
    this.#queue = done.catch(() => {});
    return done;
  }
}

function writeFailed(id: string, thrown: unknown): BottleError {
  const { code = 'EIO' } = thrown as NodeJS.ErrnoException;
  const message = `the file of ${id} cannot be written: ${code}`;
  return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details: { driverCode: code } });
}
