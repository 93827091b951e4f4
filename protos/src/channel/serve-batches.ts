import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Batch, Batch__Output } from '../generated/bottle/v1/Batch.ts';
import type { Frame__Output } from '../generated/bottle/v1/Frame.ts';
import type { FunctionTable, FunctionTable__Output } from '../generated/bottle/v1/FunctionTable.ts';
import type { TargetCount } from '../generated/bottle/v1/TargetCount.ts';
import { BatchedResponder, type IncomingCall } from './batched-responder.ts';
import { type Abilities, negotiate, PLACES } from './negotiation.ts';

/** One caller that completed the negotiation. */
export interface Session {
  readonly software: string;
  /** The process; empty: it does not say. */
  readonly instanceId: string;
  /** Largest body inside a frame, in bytes, as agreed. */
  readonly bodyThresholdBytes: number;
  /** The caller's functions, where it has any. */
  readonly table: FunctionTable__Output | undefined;
  announce(table: FunctionTable): void;
  sayGoodbye(reason: string): void;
  /** A call outside the stream, by its invocation, has begun. */
  tellStarted(invocationId: string): void;
  /** Nothing of a call outside the stream runs any more. */
  tellOver(invocationId: string): void;
}

export interface SessionHandlers {
  abilities: Abilities;
  /** The table for the welcome, on the side that has one. */
  table?: () => FunctionTable;
  onOpen(session: Session): void;
  onClose(session: Session, reason: string): void;
  onRefused(reason: string): void;
  onCall(call: IncomingCall, session: Session): void;
  /** A call outside the stream is no longer wanted; false: there is none of this invocation. */
  onCancel?: (invocationId: string, reason: string) => boolean;
  /** So many bytes of a streamed response have been passed on. */
  onTaken?: (invocationId: string, bytes: number) => void;
  /** What is held of each target. */
  counts?: () => TargetCount[];
}

/** Serves one batched stream: the negotiation first, then calls. A peer that breaks the protocol loses its stream. */
export function serveBatches(stream: ServerDuplexStream<Batch__Output, Batch>, handlers: SessionHandlers): void {
  let session: Session | undefined;
  const end = (reason: string): void => {
    responder.lose(reason);
    if (session) handlers.onClose(session, reason);
    session = undefined;
  };
  const refuse = (details: string): void => {
    stream.emit('error', { code: status.INVALID_ARGUMENT, details });
  };
  function onQuestion({ count, cancel, taken }: Frame__Output, { tellOver }: Session): void {
    if (taken) handlers.onTaken?.(taken.invocationId, taken.bytes);
    else if (count) responder.sendSession({ counts: { targets: handlers.counts?.() ?? [] } });
    else if (cancel && !handlers.onCancel?.(cancel.invocationId, cancel.reason)) tellOver(cancel.invocationId);
  }
  const responder = new BatchedResponder(stream, {
    onCall(call) {
      if (session) handlers.onCall(call, session);
      else refuse('the first frame must be a hello');
    },
    onProtocolError: refuse,
    onSession(frame) {
      if (session) onQuestion(frame, session);
      if (!frame.hello || session) return;
      const welcome = negotiate(frame.hello, handlers.abilities);
      responder.sendSession({ welcome: welcome.refusal ? welcome : { ...welcome, table: handlers.table?.() ?? null } });
      if (welcome.refusal) {
        handlers.onRefused(welcome.refusal);
        setImmediate(() => stream.end());
        return;
      }
      const saysOver = welcome.features?.includes(PLACES) ?? false;
      responder.saysOver = saysOver;
      session = {
        software: frame.hello.software,
        instanceId: frame.hello.instanceId,
        bodyThresholdBytes: welcome.bodyThresholdBytes ?? 0,
        table: frame.hello.table ?? undefined,
        announce: (table) => responder.sendSession({ table }),
        sayGoodbye: (reason) => responder.sendSession({ goodbye: { reason } }),
        tellStarted(invocationId) {
          if (saysOver) responder.sendSession({ started: { invocationIds: [invocationId] } });
        },
        tellOver(invocationId) {
          if (saysOver) responder.tellOver(invocationId);
        },
      };
      handlers.onOpen(session);
    },
  });
  stream.on('data', (batch: Batch__Output) => responder.receive(batch));
  stream.on('end', () => {
    end('the caller ended the stream');
    stream.end();
  });
  stream.on('error', (error) => end(error.message));
  stream.on('cancelled', () => end('connection lost'));
}
