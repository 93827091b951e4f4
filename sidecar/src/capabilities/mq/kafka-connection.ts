// Keeps one session with the brokers.
//
// 1. A session that a request failed with is not used again. An idempotent producer numbers its batches; one that gave
//    up on a batch would give its number to the next, and the broker, which may have stored the first, would acknowledge
//    the next without storing it.
// 2. The problem is what the last attempt to connect met, or what the session was given up for; it clears with the next
//    session.
import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError } from './kafka-errors.ts';
import { KafkaSession } from './kafka-session.ts';

const MIN_RECONNECT_MS = 50;
const MAX_RECONNECT_MS = 500;

export interface KafkaConnectionOptions {
  settings: KafkaConfig;
  /** "mq.orders", for messages. */
  id: string;
  log: Logger;
}

export class KafkaConnection {
  readonly #options: KafkaConnectionOptions;
  readonly #closing = new AbortController();
  #session: KafkaSession | undefined;
  #next = Promise.withResolvers<KafkaSession>();
  #problem: string | undefined = 'kafka: connecting';
  /** Only then is it better to fail at once than to wait for the attempt under way. */
  #hasFailed = false;
  #isProbing = false;

  /** Connects in the background, and again for ever. */
  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
    this.#next.promise.catch(() => {}); // nobody may be waiting
    void this.#connect();
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** The session, at once or soon. Rejects with UNAVAILABLE when it cannot be had now. */
  async ready(): Promise<KafkaSession> {
    if (this.#session) return this.#session;
    if (this.#hasFailed) throw unavailable(this.#problem ?? '');
    return await this.#next.promise;
  }

  /** The session failed: another one takes its place. (1) */
  giveUp(session: KafkaSession, error: BottleError): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    if (error.reason === 'resource-unavailable') this.#report(error.message);
    void session.retire();
    void this.#connect();
  }

  /** One round trip. */
  async ping(): Promise<void> {
    const session = await this.ready();
    try {
      await session.use(() => session.describeCluster());
    } catch (thrown) {
      const error = fromKafkaError(thrown);
      this.giveUp(session, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#problem = 'kafka: closed';
    this.#hasFailed = true;
    this.#closing.abort();
    this.#next.reject(unavailable(this.#problem));
    await session?.retire();
  }

  async #connect(): Promise<void> {
    const { settings, log, id } = this.#options;
    for (
      let pauseMs = MIN_RECONNECT_MS;
      !this.#closing.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, MAX_RECONNECT_MS)
    ) {
      try {
        const session = new KafkaSession({ settings, log, onSocketClosed: (closed) => void this.#probe(closed) });
        await session.connect();
        if (this.#closing.signal.aborted) return await session.retire();
        if (this.#problem !== undefined) log.info({ resource: id }, 'kafka connection stands');
        this.#problem = undefined;
        this.#hasFailed = false;
        this.#session = session;
        this.#next.resolve(session);
        this.#renewNext();
        return;
      } catch (thrown) {
        this.#report(fromKafkaError(thrown).message);
      }
      await delay(pauseMs * (0.5 + Math.random()), undefined, { signal: this.#closing.signal }).catch(() => {}); // closing
    }
  }

  /** A connection closed while nobody may be using it: is there another way to the brokers? */
  async #probe(session: KafkaSession): Promise<void> {
    if (session !== this.#session || this.#isProbing) return;
    this.#isProbing = true;
    await this.ping().catch(() => {}); // it has given the session up
    this.#isProbing = false;
  }

  #report(reason: string): void {
    if (this.#closing.signal.aborted) return;
    const problem = `kafka: ${reason.replace(/^kafka(: | did not answer: )/, '')}`;
    if (problem !== this.#problem) {
      this.#options.log.warn({ resource: this.#options.id, reason: problem }, 'kafka connection failed');
    }
    this.#problem = problem;
    this.#hasFailed = true;
    this.#next.reject(unavailable(problem));
    this.#renewNext();
  }

  #renewNext(): void {
    this.#next = Promise.withResolvers();
    this.#next.promise.catch(() => {}); // nobody may be waiting
  }
}

function unavailable(problem: string): BottleError {
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', problem);
}
