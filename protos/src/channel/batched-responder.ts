// Invariants of the answering end of the batched stream:
//  1. Every request is answered at most once; an answer after a cancel is dropped.
//  2. A cancel frame, and the loss of the stream, reach each call that is under way.
//  3. An id that is already under way is a protocol error and ends the stream.
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
  respond(response: Response): void;
}

class BatchedCall implements IncomingCall, TableEntry<BatchedCall> {
  readonly id: number;
  next: BatchedCall | undefined;
  readonly request: Request__Output;
  cancelled: string | undefined;
  onCancel: ((reason: string) => void) | undefined;
  readonly #responder: BatchedResponder;

  constructor(id: number, request: Request__Output, responder: BatchedResponder) {
    this.id = id;
    this.request = request;
    this.#responder = responder;
  }

  respond(response: Response): void {
    this.#responder.respond(this.id, response);
  }

  cancel(reason: string): void {
    this.cancelled = reason;
    this.onCancel?.(reason);
  }
}

export interface ResponderHandlers {
  onCall(call: IncomingCall): void;
  /** The frames that belong to no call: hello. */
  onSession(frame: Frame__Output): void;
  /** The other side broke the protocol; the stream should be ended. */
  onProtocolError(reason: string): void;
}

/** The answering end of one batched stream. */
export class BatchedResponder {
  readonly #writer: BatchWriter;
  readonly #handlers: ResponderHandlers;
  readonly #active = new IdTable<BatchedCall>();

  constructor(sink: BatchSink, handlers: ResponderHandlers) {
    this.#writer = new BatchWriter(sink);
    this.#handlers = handlers;
  }

  receive(batch: Batch__Output): void {
    for (const frame of batch.frames) {
      if (frame.request) this.#start(frame.id, frame.request);
      else if (frame.cancel) this.#cancel(frame.id, frame.cancel.reason);
      else if (frame.id === 0) this.#handlers.onSession(frame);
    }
  }

  respond(id: number, response: Response): void {
    if (!this.#active.take(id)) return; // invariant 1
    this.#writer.push({ id, response }, weightOf(response.body, response.http?.headers), this.#active.size === 0);
  }

  sendSession(frame: Frame): void {
    this.#writer.push(frame, 0, true);
  }

  /** Invariant 2. */
  lose(reason: string): void {
    this.#writer.close();
    for (const call of this.#active.takeAll()) call.cancel(reason);
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
    this.#active.take(id)?.cancel(reason);
  }
}
