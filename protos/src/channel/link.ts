// The calling side's connection to a process of the pod that may not be there yet, may die, and may be replaced.
//  1. At most one peer is current; a newer one takes its place only after a completed negotiation.
//  2. A replaced or leaving peer answers what it has under way; it gets no new calls.
//  3. The socket file's directory is watched: a peer that appears is dialled at once. Backoff is only for a file that
//     is there and does not answer.
//  4. A peer that does not answer pings, or the hello after such a silence, loses its connection: what was pending settles,
//     and it is dialled anew. Whoever started this link is told how often in a row.
import type { ClientOptions, Client, ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import type { Batch, Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Frame__Output } from '../generated/bottle/v1/Frame.ts';
import type { FunctionTable, FunctionTable__Output } from '../generated/bottle/v1/FunctionTable.ts';
import type { Ping } from '../generated/bottle/v1/Ping.ts';
import type { Pong__Output } from '../generated/bottle/v1/Pong.ts';
import type { Welcome__Output } from '../generated/bottle/v1/Welcome.ts';
import { forgetReadMessages } from './forget-messages.ts';
import { BatchedCaller, type BatchedCallerLimits } from './batched-caller.ts';
import { CHANNEL_OPTIONS } from './grpc-options.ts';
import { BottleError } from '../errors.ts';
import { type Abilities, PLACES } from './negotiation.ts';
import { Heartbeat, type Silent, SILENCES_OF_A_STUCK_PROCESS } from './heartbeat.ts';
import { isGreeted } from './is-greeted.ts';
import { isListening } from './is-listening.ts';
import { assertTrustedSocket } from './socket-directory.ts';
import { inodeOf, watchSocketFile } from './socket-file.ts';
import { streamPriority } from './stream-priority.ts';
import { isUnimplemented, trackCalls } from './tracked-calls.ts';

const WELCOME_TIMEOUT_MS = 5_000;
/** The same, for a peer that has been silent before. */
const SILENT_WELCOME_TIMEOUT_MS = 2_000;
const BACKOFF_MIN_MS = 20;
const BACKOFF_MAX_MS = 1_000;

interface ConnectingClient extends Client {
  connect(): ClientDuplexStream<Batch, Batch__Output>;
  ping(ping: Ping, answer: (error: ServiceError | null, pong?: Pong__Output) => void): unknown;
}

/** Longer than a pod waits for anything; grpc-js doubles it now and then, and a timer has 31 bits. */
const ONE_DAY_MS = 24 * 60 * 60 * 1_000;
/** This class dials, and with a new client each time: one that failed shall not connect by itself when it is closed. */
const CLIENT_OPTIONS: ClientOptions = {
  ...CHANNEL_OPTIONS,
  interceptors: [streamPriority],
  'grpc.initial_reconnect_backoff_ms': ONE_DAY_MS,
  'grpc.max_reconnect_backoff_ms': ONE_DAY_MS,
};

/** One negotiated connection. */
export interface Peer<C extends ConnectingClient> {
  readonly client: C;
  readonly caller: BatchedCaller;
  readonly welcome: Welcome__Output;
}

export interface LinkHandlers<C extends ConnectingClient> {
  /** The peer is current from now on. */
  onUp(peer: Peer<C>): void;
  /** The peer announced another function table. */
  onTable(peer: Peer<C>, table: FunctionTable__Output): void;
  /** The peer says how calls outside the batched stream come along, or how many it has. */
  onProgress?(peer: Peer<C>, frame: Frame__Output): void;
  /** The peer takes no new calls: it is stopping, or was replaced. */
  onLeaving(peer: Peer<C>): void;
  /** The connection is gone; what was pending on it has settled as lost. */
  onDown(peer: Peer<C>, reason: string): void;
  /** The peer is connected and does not answer, so many times in a row. */
  onSilence(inARow: number): void;
  /** It has answered a ping. */
  onPong?(pong: Pong__Output): void;
  /** The other side speaks nothing we do. Tried again with backoff. */
  onRefused(reason: string): void;
}

export interface LinkOptions<C extends ConnectingClient> extends LinkHandlers<C> {
  socketPath: string;
  Client: new (
    address: string,
    ...rest: ConstructorParameters<typeof Client> extends [string, ...infer R] ? R : never
  ) => C;
  abilities: Abilities;
  /** The functions of this side, for the hello. */
  table?: (() => FunctionTable) | undefined;
  /** Whether it means anything when the peer does not answer. @default always */
  expectsAnswers?: (() => boolean) | undefined;
  limits?: Partial<BatchedCallerLimits>;
}

export class Link<C extends ConnectingClient> {
  readonly #options: LinkOptions<C>;
  #current: { peer: Peer<C>; inode: number } | undefined;
  #dialling = false;
  #dialAgain = false;
  #backoffMs = BACKOFF_MIN_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #closed = false;
  readonly #clients = new Set<C>();
  /** Silences since the last answer: invariant 4. */
  #silences = 0;
  /** Of the socket that was dialled last: another one is another process. */
  #lastInode: number | undefined;

  constructor(options: LinkOptions<C>) {
    this.#options = options;
    forgetReadMessages();
  }

  get current(): Peer<C> | undefined {
    return this.#current?.peer;
  }

  /** Starts to look for the peer; returns when the directory is watched. */
  async start(): Promise<void> {
    this.#unwatch = await watchSocketFile(this.#options.socketPath, () => this.#dialNow());
    this.#dialNow();
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    clearTimeout(this.#retryTimer);
    for (const client of this.#clients) client.close();
  }

  #dialNow(): void {
    this.#backoffMs = BACKOFF_MIN_MS;
    clearTimeout(this.#retryTimer);
    void this.#dial();
  }

  async #dial(): Promise<void> {
    if (this.#closed) return;
    if (this.#dialling) {
      this.#dialAgain = true;
      return;
    }
    this.#dialling = true;
    const { socketPath } = this.#options;
    const inode = await inodeOf(socketPath);
    const isNew = inode !== undefined && inode !== this.#current?.inode;
    const settled = !isNew || ((await this.#mayConnect(socketPath)) && (await this.#connect(inode)));
    this.#dialling = false;
    if (this.#dialAgain) {
      this.#dialAgain = false;
      void this.#dial();
    } else if (!settled) {
      this.#retryLater();
    }
  }

  async #mayConnect(socketPath: string): Promise<boolean> {
    try {
      await assertTrustedSocket(socketPath);
      return await isListening(socketPath);
    } catch (error) {
      if (error instanceof BottleError) this.#options.onRefused(error.message);
      return false; // or it is gone again
    }
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retryTimer = setTimeout(() => void this.#dial(), this.#backoffMs * (0.75 + Math.random() / 2));
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
  }

  /** Connects and negotiates; false when that failed and should be tried again. */
  async #connect(inode: number): Promise<boolean> {
    const { socketPath, Client, abilities, limits, table } = this.#options;
    if (inode !== this.#lastInode) this.#silences = 0;
    this.#lastInode = inode;
    const client = new Client(`unix:${socketPath}`, credentials.createInsecure(), CLIENT_OPTIONS);
    this.#clients.add(client);
    let heartbeat: Heartbeat | undefined;
    const endCalls = trackCalls(client, () => heartbeat?.heard());
    const stream = client.connect();
    const greeting = Promise.withResolvers<Welcome__Output | undefined>();
    let peer: Peer<C> | undefined;
    const caller = new BatchedCaller(
      stream,
      (frame) => {
        if (frame.welcome) greeting.resolve(frame.welcome);
        else if (peer) this.#onSession(peer, frame);
      },
      limits,
    );
    let ended = false;
    const onEnd = (reason: string): void => {
      if (ended) return;
      ended = true;
      heartbeat?.stop();
      caller.lose(reason);
      greeting.resolve(undefined);
      this.#clients.delete(client);
      client.close();
      if (peer) this.#onDown(peer, reason);
    };
    const onSilence = (silent: Silent): void => {
      this.#silences = silent === 'process' ? SILENCES_OF_A_STUCK_PROCESS : this.#silences + 1;
      if (!peer || this.#current?.peer === peer) this.#options.onSilence(this.#silences);
      onEnd('it does not answer');
      endCalls('the other process does not answer');
    };
    stream.on('data', (batch: Batch__Output) => caller.receive(batch));
    stream.on('error', (error) => onEnd(error.message));
    stream.on('end', () => onEnd('stream ended'));
    stream.on('status', ({ details }) => onEnd(details));
    caller.sendSession({ hello: { ...abilities, features: [...abilities.features], table: table?.() ?? null } });

    const wasSilent = this.#silences > 0;
    const timeout = setTimeout(
      () => (wasSilent ? onSilence('connection') : stream.cancel()),
      wasSilent ? SILENT_WELCOME_TIMEOUT_MS : WELCOME_TIMEOUT_MS,
    );
    const welcome = await greeting.promise;
    clearTimeout(timeout);
    if (!welcome || this.#closed) return false;
    if (welcome.refusal) {
      this.#options.onRefused(welcome.refusal);
      stream.cancel();
      return false;
    }
    if (this.#current && this.#current.peer.welcome.instanceId === welcome.instanceId && welcome.instanceId !== '') {
      this.#current.inode = inode; // its socket took the place of another one between our look and our connect
      stream.cancel();
      return true;
    }
    caller.saysOver = welcome.features.includes(PLACES);
    peer = { client, caller, welcome };
    const replaced = this.#current?.peer;
    heartbeat = new Heartbeat({
      ping: () => this.#ping(client),
      isExpected: this.#options.expectsAnswers ?? always,
      isGreeted: (timeoutMs) => isGreeted(socketPath, timeoutMs),
      onSilence,
      onAnswer: () => {
        this.#silences = 0;
      },
    });
    this.#current = { peer, inode };
    this.#backoffMs = BACKOFF_MIN_MS;
    this.#options.onUp(peer);
    if (replaced) this.#options.onLeaving(replaced); // invariants 1 and 2
    return true;
  }

  #ping(client: C): Promise<void> {
    return new Promise((resolve, reject) => {
      client.ping({}, (error, pong) => {
        if (pong) this.#options.onPong?.(pong);
        if (error && !isUnimplemented(error)) reject(error);
        else resolve();
      });
    });
  }

  #onSession(peer: Peer<C>, frame: Frame__Output): void {
    if (frame.table) this.#options.onTable(peer, frame.table);
    else if (frame.goodbye) this.#options.onLeaving(peer);
    else this.#options.onProgress?.(peer, frame);
  }

  #onDown(peer: Peer<C>, reason: string): void {
    if (this.#current?.peer === peer) this.#current = undefined;
    this.#options.onDown(peer, reason);
    this.#dialNow();
  }
}

const always = (): boolean => true;
