import type { ConfigRecord } from '@bottle/capabilities';
import type { Logger } from 'pino';
import type { RedisClient } from '../redis/redis-connection.ts';

/** How often everything that is watched is read again, whatever was told. */
const POLL_MS = 15_000;
/** After a read that failed. */
const RETRY_MS = 500;
/** Fields of one HMGET. */
const MAX_READ = 500;

export interface RedisWatchesOptions {
  id: string;
  channel: string;
  /** A connection of its own, which subscriptions need. */
  connect(): RedisClient;
  read(keys: readonly string[]): Promise<ConfigRecord[]>;
  log: Logger;
}

interface Watched {
  record: ConfigRecord | undefined;
  watchers: Set<(record: ConfigRecord) => void>;
}

/** What is watched in one resource, over one subscription that is made when there is a first watcher. */
export class RedisWatches {
  readonly #options: RedisWatchesOptions;
  readonly #watched = new Map<string, Watched>();
  #client: RedisClient | undefined;
  #subscribed = false;
  #poll: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RedisWatchesOptions) {
    this.#options = options;
  }

  /** Tells the record of a key as soon as it is known, and whenever it changes. */
  add(key: string, tell: (record: ConfigRecord) => void): () => void {
    this.#start();
    const watched = this.#watched.get(key) ?? { record: undefined, watchers: new Set() };
    this.#watched.set(key, watched);
    watched.watchers.add(tell);
    if (watched.record) tell(watched.record);
    else if (this.#subscribed) void this.#refresh([key]);
    return () => {
      watched.watchers.delete(tell);
      if (watched.watchers.size === 0 && this.#watched.get(key) === watched) this.#watched.delete(key);
    };
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#retry);
    this.#watched.clear();
    this.#client?.disconnect();
  }

  #start(): void {
    if (this.#client) return;
    const client = this.#options.connect();
    this.#client = client;
    client.on('message', (_channel: string, text: string) => {
      const record = parseRecord(text);
      const known = record && this.#watched.get(record.key)?.record;
      // One that was read in the meantime is newer; a store that was emptied begins again with a later time.
      const isOld = known && record.revision < known.revision && record.changedAtMs <= known.changedAtMs;
      if (record && !isOld) this.#tell(record);
    });
    client.on('close', () => {
      this.#subscribed = false;
    });
    client.on('ready', () => void this.#subscribe(client));
    if (client.status === 'ready') void this.#subscribe(client);
    this.#poll = setInterval(() => void this.#refresh([...this.#watched.keys()]), POLL_MS).unref();
  }

  /** Invariant 2: first listens, then reads. */
  async #subscribe(client: RedisClient): Promise<void> {
    try {
      await client.subscribe(this.#options.channel);
    } catch {
      return; // the connection broke again: the next one does it
    }
    this.#subscribed = true;
    await this.#refresh([...this.#watched.keys()]);
  }

  async #refresh(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MAX_READ) {
      const some = keys.slice(at, at + MAX_READ);
      const before = some.map((key) => this.#watched.get(key)?.record);
      try {
        const records = await this.#options.read(some);
        records.forEach((record, index) => {
          const known = this.#watched.get(record.key)?.record;
          // Invariant 3. Otherwise what Redis says holds, also when it has lost revisions.
          if (known !== before[index] && known && known.revision >= record.revision) return;
          this.#tell(record);
        });
      } catch (error) {
        const { id, log } = this.#options;
        log.debug({ resource: id, reason: (error as Error).message }, 'configuration cannot be read again yet');
        this.#retrySoon();
        return;
      }
    }
  }

  #retrySoon(): void {
    this.#retry ??= setTimeout(
      () => {
        this.#retry = undefined;
        if (this.#subscribed) void this.#refresh([...this.#watched.keys()]);
      },
      RETRY_MS * (0.75 + Math.random() / 2),
    ).unref();
  }

  #tell(record: ConfigRecord): void {
    const watched = this.#watched.get(record.key);
    if (!watched) return;
    const { record: known } = watched;
    if (known && known.revision === record.revision && known.valueJson === record.valueJson) return;
    watched.record = record;
    for (const tell of watched.watchers) tell(record);
  }
}

/** A record as it is stored: its revision, a blank, the rest as JSON. */
export function parseRecord(text: string | null): ConfigRecord | undefined {
  const blank = text?.indexOf(' ') ?? -1;
  if (text === null || blank < 1) return undefined;
  try {
    const { key, valueJson, changedAtMs, changedBy } = JSON.parse(text.slice(blank + 1)) as Omit<
      ConfigRecord,
      'revision'
    >;
    return { key, valueJson, revision: Number(text.slice(0, blank)), changedAtMs, changedBy };
  } catch {
    return undefined; // not ours
  }
}
