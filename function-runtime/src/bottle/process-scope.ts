import { CallError, Code, type KnownSecrets, type MessageStream } from '@bottle/protos';
import type { ProcessScope } from 'bottle-sdk';
import type { BottleLink } from './bottle-link.ts';
import { CallScope } from './call-scope.ts';
import type { LeftOutValues } from '../observe/left-out-values.ts';

const NOBODY = { invocationId: '', functionName: '', traceparent: '', baggage: '' };

export interface ProcessScopeOptions {
  projectDir?: string;
  /** Undefined: this process logs nothing. */
  secrets?: KnownSecrets;
  leftOut?: LeftOutValues;
}

/** The scope of code outside invocations. It makes no calls by itself: they would have neither deadline nor owner. */
export class RuntimeProcessScope implements ProcessScope {
  readonly #root: CallScope;
  readonly #shared = new Map<string, unknown>();
  readonly #secrets: KnownSecrets | undefined;
  readonly #leftOut: LeftOutValues | undefined;

  readonly projectDir: string | undefined;

  constructor(link: BottleLink, { projectDir, secrets, leftOut }: ProcessScopeOptions = {}) {
    this.projectDir = projectDir;
    this.#secrets = secrets;
    this.#leftOut = leftOut;
    this.#root = new CallScope(NOBODY, { link, process: this }, Number.POSITIVE_INFINITY);
  }

  get process(): ProcessScope {
    return this;
  }

  call(): Promise<Buffer> {
    return Promise.reject(outsideInvocation());
  }

  open(): MessageStream {
    throw outsideInvocation();
  }

  derive: CallScope['derive'] = (options) => this.#root.derive(options);

  attach: CallScope['attach'] = (attachment) => this.#root.attach(attachment);

  shared<Value>(key: string, create: () => Value): Value {
    if (!this.#shared.has(key)) this.#shared.set(key, create());
    return this.#shared.get(key) as Value;
  }

  hide(secret: Uint8Array): void {
    this.#secrets?.add(secret);
  }

  leftOut(value: { resource: string; key: string }): void {
    this.#leftOut?.add(value);
  }

  close(): void {
    this.#root.close(() => new CallError(Code.CANCELLED, 'cancelled', 'the function container stops'));
  }
}

function outsideInvocation(): CallError {
  const message = 'bottle calls outside an invocation need a scope: await withScope({ timeout }, async () => …)';
  return new CallError(Code.FAILED_PRECONDITION, 'no-invocation', message);
}
