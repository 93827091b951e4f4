import type { Request__Output } from '@bottle/protos';
import type { Bottle, FaaSContext, FaaSLogger, ProcessScope } from 'bottle-sdk';
import type { ReplyEntries } from '../rpc/reply-entries.ts';
import type { ResponseState } from './http-context.ts';
import type { TemporaryFiles } from './temporary-files.ts';

const TRIGGERS: Readonly<Record<string, FaaSContext['trigger'] | undefined>> = {
  TRIGGER_KIND_MQ: 'mq',
  TRIGGER_KIND_TIMER: 'timer',
  TRIGGER_KIND_RPC: 'rpc',
  TRIGGER_KIND_CLOUDEVENT: 'cloudevent',
  TRIGGER_KIND_GATEWAY: 'gateway',
};

/** What a context needs of the invocation it belongs to. */
export interface ContextHost {
  readonly request: Request__Output;
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly logger: FaaSLogger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly bottle: Bottle;
  readonly traceparent: string;
  readonly process: ProcessScope;
  /** What the function says of its response to an HTTP request; undefined: nothing. */
  httpResponse: ResponseState | undefined;
  /** Removed when the invocation has settled. */
  readonly temporaryFiles: TemporaryFiles;
  /** What the function adds to a gRPC response; made when it is first asked for. */
  readonly reply: ReplyEntries;
}

/** The context of an invocation that was started with an event; HTTP adds to it. */
export class BaseContext implements FaaSContext {
  protected readonly host$: ContextHost;
  #attributes: Readonly<Record<string, string>> | undefined;

  constructor(host: ContextHost) {
    this.host$ = host;
  }

  get requestId(): string {
    return this.host$.request.invocationId;
  }
  get functionName(): string {
    return this.host$.request.target;
  }
  get trigger(): FaaSContext['trigger'] {
    return this.host$.request.http ? 'http' : (TRIGGERS[this.host$.request.trigger] ?? 'event');
  }
  get attributes(): Readonly<Record<string, string>> {
    const { attributes } = this.host$.request;
    this.#attributes ??= Object.fromEntries(
      attributes.flatMap((name, at) => (at % 2 === 0 ? [[name, attributes[at + 1] ?? '']] : [])),
    );
    return this.#attributes;
  }
  get signal(): AbortSignal {
    return this.host$.signal;
  }
  get deadline(): number {
    return this.host$.deadline;
  }
  get traceparent(): string {
    return this.host$.traceparent;
  }
  get baggage(): string {
    return this.host$.request.baggage;
  }
  get caller(): string {
    return this.host$.request.caller;
  }
  get logger(): FaaSLogger {
    return this.host$.logger;
  }
  get env(): Readonly<Record<string, string | undefined>> {
    return this.host$.env;
  }
  get originContext(): unknown {
    return this.host$.request;
  }
  get originEvent(): Uint8Array {
    return this.host$.request.body;
  }
  get bottle(): Bottle {
    return this.host$.bottle;
  }
}
