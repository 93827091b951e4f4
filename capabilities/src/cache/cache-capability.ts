import {
  BottleError,
  type CacheMessage,
  type CacheOperation__Output,
  type CacheResult,
  type CacheResults,
  type CacheSubscription__Output,
  type CacheTransaction__Output,
  Code,
} from '@bottle/protos';
import { type CallFacts, type Capability, firstOf, type StreamMethod, type UnaryMethod } from '../capability.ts';
import { type Again, OPERATIONS, toCacheReply } from './cache-operations.ts';
import type { CacheDriver, Command, Reply } from './cache-port.ts';

/** Messages that may wait for a slow subscriber; it loses its subscription beyond. */
const MAX_WAITING_MESSAGES = 10_000;

type SimpleName = keyof typeof OPERATIONS;
/** Any operation that is one command: the table keeps each name with its own message. */
interface AnyOperation {
  access: string;
  again: Again | ((message: object) => Again);
  command(message: object): Command;
  answer(reply: Reply, message: object): CacheResult;
}

const execute: UnaryMethod<CacheDriver, CacheOperation__Output, CacheResult> = {
  kind: 'unary',
  facts: factsOf,
  serve(driver, request) {
    const name = request.operation;
    if (name === 'scan' || name === 'script' || name === 'publish') return serveSpecial(driver, request);
    const { operation, message } = simpleOperation(request);
    return driver.command(operation.command(message)).then((reply) => operation.answer(reply, message));
  },
};

/** The operations that are more than one command, or none. */
async function serveSpecial(driver: CacheDriver, request: CacheOperation__Output): Promise<CacheResult> {
  if (request.scan) {
    const { cursor, match, count } = request.scan;
    return { page: await driver.scan(cursor, match, count > 0 ? count : 100) };
  }
  if (request.script) {
    const { source, keys, arguments: args } = request.script;
    return { reply: toCacheReply(await driver.script(source, keys, args)) };
  }
  const { channel = '', payload = Buffer.alloc(0) } = request.publish ?? {};
  return { count: String(await driver.publish(channel, payload)) };
}

const transaction: UnaryMethod<CacheDriver, CacheTransaction__Output, CacheResults> = {
  kind: 'unary',
  facts: () => ({ operation: 'transaction', access: 'write', repeatable: false }),
  async serve(driver, { operations }) {
    const steps = operations.map(simpleOperation);
    const replies = await driver.transaction(steps.map(({ operation, message }) => operation.command(message)));
    return { results: steps.map(({ operation, message }, at) => operation.answer(replies[at] ?? null, message)) };
  },
};

const subscribe: StreamMethod<CacheDriver, CacheSubscription__Output, CacheMessage> = {
  kind: 'stream',
  facts: { operation: 'subscribe', access: 'read', repeatable: true },
  isLasting: true,
  async *serve(driver, requests, { signal }) {
    const request = await firstOf(requests);
    const waiting: CacheMessage[] = [];
    let wake: (() => void) | undefined;
    const onAbort = (): void => wake?.();
    let lost: BottleError | undefined;
    const unsubscribe = await driver.subscribe(request?.channels ?? [], {
      onMessage(channel, payload) {
        waiting.push({ channel, payload });
        wake?.();
      },
      onLost(error) {
        lost = error;
        wake?.();
      },
    });
    signal.addEventListener('abort', onAbort);
    try {
      yield { channel: '' };
      while (!signal.aborted) {
        if (waiting.length > MAX_WAITING_MESSAGES) {
          const message = `the subscriber is more than ${MAX_WAITING_MESSAGES} messages behind`;
          throw new BottleError(Code.RESOURCE_EXHAUSTED, 'slow-subscriber', message);
        }
        const next = waiting.shift();
        if (next) yield next;
        else if (lost) throw lost;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await unsubscribe();
    }
  },
};

/** Caches: what functions may do is `read` or `write`. */
export const cacheCapability: Capability<CacheDriver> = {
  name: 'cache',
  accesses: ['read', 'write'],
  methods: { execute, transaction, subscribe },
};

function factsOf(request: CacheOperation__Output): CallFacts {
  const name = request.operation;
  if (name === 'scan') return { operation: name, access: 'read', repeatable: true };
  if (name === 'publish') return { operation: name, access: 'write', repeatable: false };
  if (name === 'script') {
    const readOnly = request.script?.readOnly ?? false;
    return { operation: name, access: readOnly ? 'read' : 'write', repeatable: readOnly };
  }
  const { operation, message } = simpleOperation(request);
  const { access } = operation;
  const again = typeof operation.again === 'function' ? operation.again(message) : operation.again;
  return { operation: name as string, access, repeatable: again === 'same', idempotent: again !== 'other' };
}

function simpleOperation(request: CacheOperation__Output): { operation: AnyOperation; message: object } {
  const name = request.operation;
  const operation = OPERATIONS[name as SimpleName] as unknown as AnyOperation | undefined;
  const message = name === undefined ? undefined : request[name];
  if (!operation || !message) {
    const text = name === undefined ? 'the operation is missing' : `"${name}" cannot be part of a transaction`;
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', text);
  }
  return { operation, message };
}
