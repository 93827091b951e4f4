// Invariants of the calling end of the batched stream:
//  1. Every call settles exactly once: response, cancelled, refused or lost.
//  2. A cancelled call reaches the other side as a cancel frame, unless its request never left.
//  3. Pending calls are bounded in count, waiting requests in bytes; beyond that a call is refused at once.
//  4. Losing the stream settles all that is pending, and tells of each whether its request had been written.
//  5. Ids are never 0 and never reused while pending.
//  6. A call that has settled is pending until the other side says that it is over, where that side says so at all. Then, or
//     when the stream is lost, or the call was never sent, its progress is told, once.
import { BottleError, Code } from '../errors.ts';
import type { Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Frame, Frame__Output } from '../generated/bottle/v1/Frame.ts';
import type { Request } from '../generated/bottle/v1/Request.ts';
import type { Response__Output } from '../generated/bottle/v1/Response.ts';
import { IdTable, type TableEntry } from './id-table.ts';
import { type BatchSink, BatchWriter, weightOf } from './batch-writer.ts';

/** How a call can end. */
export type Settled =
  | { kind: 'response'; response: Response__Output }
  /** By this side; the other side has been told. */
  | { kind: 'cancelled'; reason: string }
  /** A bound of this side was reached; nothing was sent. */
  | { kind: 'refused'; error: BottleError }
  /** The stream ended first. `written: false`: the other side cannot have seen it, sending it again is safe. */
  | { kind: 'lost'; written: boolean; reason: string };

/** What a call is told of the other side's work, besides how it settles. */
export interface CallProgress {
  /** The other side has begun with it. */
  started(): void;
  /** Nothing of it runs over there (any more). `hasBegun`: as far as its answer tells; undefined: it has none. */
  over(hasBegun?: boolean): void;
  /** The stream is gone, and what becomes of it unknown. */
  lost(): void;
}

export interface BatchedCallerLimits {
  /** Most calls under way. @default 16384 */
  maxPending: number;
  /** Most bytes of bodies that wait to be written. @default 64 MiB */
  maxQueuedBytes: number;
}

const DEFAULT_LIMITS: BatchedCallerLimits = { maxPending: 16_384, maxQueuedBytes: 64 * 1024 * 1024 };

/** One call under way. */
export class PendingCall implements TableEntry<PendingCall> {
  readonly id: number;
  next: PendingCall | undefined;
  readonly settled: Promise<Settled>;
  /** The request has been handed to the stream. */
  written = false;
  /** The other side has said so, or answered. */
  hasBegun = false;
  readonly progress: CallProgress | undefined;
  readonly #caller: BatchedCaller;
  #resolve: ((settled: Settled) => void) | undefined;

  constructor(id: number, caller: BatchedCaller, progress: CallProgress | undefined) {
    this.id = id;
    this.#caller = caller;
    this.progress = progress;
    this.settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get hasSettled(): boolean {
    return this.#resolve === undefined;
  }

  /** Settles the call as cancelled, now, and tells the other side. Does nothing when it has settled. */
  cancel(reason: string): void {
    this.#caller.cancel(this, reason);
  }

  /** Invariant 1: only the first one counts. */
  settle(settled: Settled): void {
    this.#resolve?.(settled);
    this.#resolve = undefined;
  }
}

/** The calling end of one batched stream. */
export class BatchedCaller {
  readonly #writer: BatchWriter;
  readonly #limits: BatchedCallerLimits;
  readonly #pending = new IdTable<PendingCall>();
  readonly #onSession: (frame: Frame__Output) => void;
  #lastId = 0;
  #lost: string | undefined;
  /** Whether the other side says when a call is over; a call ends with its response, or its cancel, otherwise. (6) */
  saysOver = false;

  /** `onSession` receives the frames that belong to no call: welcome, table, goodbye. */
  constructor(sink: BatchSink, onSession: (frame: Frame__Output) => void, limits: Partial<BatchedCallerLimits> = {}) {
    this.#writer = new BatchWriter(sink);
    this.#onSession = onSession;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Calls that are not over. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  call(request: Request, progress?: CallProgress): PendingCall {
    const call = new PendingCall(this.#nextId(), this, progress);
    const refusal = this.#refusal();
    if (refusal) {
      if (refusal.kind === 'lost') progress?.lost();
      else progress?.over();
      call.settle(refusal);
      return call;
    }
    this.#pending.add(call);
    this.#writer.push(
      { id: call.id, request },
      weightOf(request.body, request.http?.headers),
      this.#pending.size === 1,
      () => {
        call.written = true;
      },
    );
    return call;
  }

  cancel(call: PendingCall, reason: string): void {
    if (call.hasSettled || this.#pending.get(call.id) !== call) return;
    if (!this.saysOver) this.#end(call);
    call.settle({ kind: 'cancelled', reason });
    this.#writer.push({ id: call.id, cancel: { reason } }, 0, false); // invariant 2; harmless behind an unsent request
  }

  /** Whether it has not begun, as far as is known, and neither has one that was sent before it. */
  isBehindOthers(call: PendingCall): boolean {
    return !call.hasBegun && this.#pending.some(({ id, hasBegun }) => id < call.id && !hasBegun);
  }

  /** Frames that belong to no call: the hello, questions. */
  sendSession(frame: Frame): void {
    this.#writer.push(frame, 0, true);
  }

  receive(batch: Batch__Output): void {
    for (const frame of batch.frames) {
      if (frame.response) this.#settleWith(frame.id, frame.response);
      else if (frame.over && frame.id !== 0) this.#onOver(frame.id);
      else if (frame.id === 0) {
        if (frame.started) for (const id of frame.started.ids) this.#onStarted(id);
        this.#onSession(frame);
      }
    }
  }

  /** Invariant 4. Further calls settle as lost at once. */
  lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#writer.close();
    for (const call of this.#pending.takeAll()) {
      call.progress?.lost();
      call.settle({ kind: 'lost', written: call.written, reason });
    }
  }

  /** A response to a call that was cancelled meanwhile changes nothing but that it may be over. */
  #settleWith(id: number, response: Response__Output): void {
    const call = this.#pending.get(id);
    if (!call) return;
    call.hasBegun = response.error?.reason !== 'overloaded';
    if (!response.unfinished || !this.saysOver) this.#end(call, call.hasBegun);
    call.settle({ kind: 'response', response });
  }

  #onStarted(id: number): void {
    const call = this.#pending.get(id);
    if (!call) return;
    call.hasBegun = true;
    call.progress?.started();
  }

  #onOver(id: number): void {
    const call = this.#pending.get(id);
    if (!call) return;
    this.#end(call);
    const error = new BottleError(Code.INTERNAL, 'channel-protocol', 'the call ended without an answer');
    call.settle({ kind: 'refused', error }); // as a rule it has settled
  }

  #end(call: PendingCall, hasBegun?: boolean): void {
    this.#pending.take(call.id);
    call.progress?.over(hasBegun);
  }

  #refusal(): Settled | undefined {
    if (this.#lost !== undefined) return { kind: 'lost', written: false, reason: this.#lost };
    if (this.#pending.size < this.#limits.maxPending && this.#writer.queuedBytes < this.#limits.maxQueuedBytes) {
      return undefined;
    }
    const error = new BottleError(Code.UNAVAILABLE, 'channel-full', 'too many calls wait on the channel');
    return { kind: 'refused', error };
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId === 0xffff_ffff ? 1 : this.#lastId + 1;
    } while (this.#pending.get(this.#lastId)); // invariant 5
    return this.#lastId;
  }
}
