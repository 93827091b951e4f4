// Invariants of the answering end of the batched stream:
//  1. Every request is answered at most once; an answer after a cancel is dropped.
//  2. A cancel frame, and the loss of the stream, reach each call that is under way.
//  3. An id that is already under way is a protocol error and ends the stream.
//  4. Where the other side wants to know (`saysOver`), a call is under way until it is over: with its answer, unless that says
//     `unfinished`; with `over` after that, or after a cancel.
import type { Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Frame, Frame__Output } from '../generated/bottle/v1/Frame.ts';
import type { Request__Output } from '../generated/bottle/v1/Request.ts';
import type { Response } from '../generated/bottle/v1/Response.ts';
import { IdTable, type TableEntry } from './id-table.ts';
import { type BatchSink, BatchWriter, weightOf } from './batch-writer.ts';

/** A call as its handler sees it, whatever RPC brought it. */
export interface IncomingCall {
  readonly request: Request__Output;
  /** Why the answer is no longer wanted; undefined while it is. */
  readonly cancelled: string | undefined;
  /** Called once, when the answer is no longer wanted. Set it before anything is awaited. */
  onCancel: ((reason: string) => void) | undefined;
  /** Its work has begun. */
  started(): void;
  /** Call it once. With `unfinished`, `over` has to follow. After a cancel it says no more than that. */
  respond(response: Response): void;
  /** Nothing of it runs any more. */
  over(): void;
}

class BatchedCall implements IncomingCall, TableEntry<BatchedCall> {
  readonly id: number;
  next: BatchedCall | undefined;
  readonly request: Request__Output;
  cancelled: string | undefined;
  isAnswered = false;
  onCancel: ((reason: string) => void) | undefined;
  readonly #responder: BatchedResponder;

  constructor(id: number, request: Request__Output, responder: BatchedResponder) {
    this.id = id;
    this.request = request;
    this.#responder = responder;
  }

  started(): void {
    this.#responder.started(this);
  }

  respond(response: Response): void {
    this.#responder.respond(this, response);
  }

  over(): void {
    this.#responder.over(this);
  }

  cancel(reason: string): void {
    this.cancelled = reason;
    this.onCancel?.(reason);
  }
}

export interface ResponderHandlers {
  onCall(call: IncomingCall): void;
  /** The frames that belong to no call of this stream: hello, questions, cancels of calls elsewhere. */
  onSession(frame: Frame__Output): void;
  /** The other side broke the protocol; the stream should be ended. */
  onProtocolError(reason: string): void;
}

/** The answering end of one batched stream. */
export class BatchedResponder {
  readonly #writer: BatchWriter;
  readonly #handlers: ResponderHandlers;
  readonly #active = new IdTable<BatchedCall>();
  /** Of the frame that tells what has begun, until it is written. */
  #startedIds: number[] | undefined;
  /** Whether the other side wants to know when a call has begun, and when it is over. (4) */
  saysOver = false;

  constructor(sink: BatchSink, handlers: ResponderHandlers) {
    this.#writer = new BatchWriter(sink);
    this.#handlers = handlers;
  }

  receive(batch: Batch__Output): void {
    for (const frame of batch.frames) {
      if (frame.request) this.#start(frame.id, frame.request);
      else if (frame.cancel && frame.id !== 0) this.#cancel(frame.id, frame.cancel.reason);
      else if (frame.id === 0) this.#handlers.onSession(frame);
    }
  }

  /** Those that are told together travel together. */
  started(call: BatchedCall): void {
    if (!this.saysOver || call.isAnswered || !this.#isActive(call)) return;
    if (this.#startedIds) {
      this.#startedIds.push(call.id);
      return;
    }
    const ids = [call.id];
    this.#startedIds = ids;
    this.#writer.push({ id: 0, started: { ids } }, 0, false, () => (this.#startedIds = undefined));
  }

  respond(call: BatchedCall, response: Response): void {
    if (call.isAnswered || !this.#isActive(call)) return; // invariant 1
    call.isAnswered = true;
    const { id } = call;
    const isOver = !response.unfinished;
    if (isOver || !this.saysOver) this.#active.take(id);
    if (call.cancelled === undefined)
      this.#writer.push({ id, response }, weightOf(response.body, response.http?.headers), this.#active.size === 0);
    else if (isOver) this.#writer.pushLazily({ id, over: {} }); // invariant 4
  }

  over(call: BatchedCall): void {
    if (!this.#isActive(call)) return;
    this.#active.take(call.id);
    this.#writer.pushLazily({ id: call.id, over: {} });
  }

  sendSession(frame: Frame): void {
    this.#writer.push(frame, 0, true);
  }

  /** A call that came by another RPC is over. */
  tellOver(invocationId: string): void {
    this.#writer.pushLazily({ over: { invocationId } });
  }

  /** Invariant 2. */
  lose(reason: string): void {
    this.#writer.close();
    for (const call of this.#active.takeAll()) if (call.cancelled === undefined) call.cancel(reason);
  }

  #isActive(call: BatchedCall): boolean {
    return this.#active.get(call.id) === call;
  }

  #start(id: number, request: Request__Output): void {
    if (id === 0 || this.#active.get(id)) {
      this.#handlers.onProtocolError(`request with id ${id}, which is ${id === 0 ? 'reserved' : 'under way'}`);
      return;
    }
    const call = new BatchedCall(id, request, this);
    this.#active.add(call);
    this.#handlers.onCall(call);
  }

  #cancel(id: number, reason: string): void {
    const call = this.saysOver ? this.#active.get(id) : this.#active.take(id);
    if (call && call.cancelled === undefined) call.cancel(reason);
  }
}
