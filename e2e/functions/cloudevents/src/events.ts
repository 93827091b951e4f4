import { BottleError, type CloudEvent, Code, defineFunction, type FaaSContext } from 'bottle-sdk';

const seenBy = new Map<string, unknown[]>();
let runs = 0;

function note({ functionName }: FaaSContext, value: unknown): void {
  seenBy.set(functionName, [...(seenBy.get(functionName) ?? []), value]);
}

/** Tells in an event what it was given. */
export const inspect = defineFunction.cloudEvent((ctx, event) => {
  const { data, ...attributes } = event;
  const kind = Buffer.isBuffer(data) ? 'buffer' : typeof data;
  const shown = Buffer.isBuffer(data) ? data.toString('hex') : data;
  return {
    specversion: '1.0',
    type: 'com.example.inspected',
    data: {
      attributes,
      kind,
      data: shown,
      requestId: ctx.requestId,
      traceparent: ctx.traceparent,
      trigger: ctx.trigger,
      ctxAttributes: ctx.attributes,
    },
  };
});

export const record = defineFunction.cloudEvent((ctx, event) => note(ctx, event.id));

const priceSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => {
      const { price } = (value ?? {}) as { price?: unknown };
      return typeof price === 'number'
        ? { value: { price } }
        : { issues: [{ message: 'expected a number', path: ['price'] }] };
    },
  },
} as const;

export const typed = defineFunction.cloudEvent({ input: priceSchema }, (ctx, event) => note(ctx, event.data));

export function failing(ctx: FaaSContext, event: CloudEvent<{ status?: number; reason?: string } | undefined>): void {
  note(ctx, event.id);
  const { status, reason } = event.data ?? {};
  if (reason !== undefined) throw new BottleError(Code.NOT_FOUND, reason, 'as asked');
  if (status !== undefined) throw Object.assign(new Error('as asked'), { status });
}

export const replying = defineFunction.cloudEvent<{ kind: string }>((_ctx, event) => {
  const reply = { specversion: '1.0', type: 'com.example.answer', source: '/answers', id: `re-${event.id}` };
  if (event.data.kind === 'bytes') return { ...reply, data: Buffer.from([0, 1, 255]) };
  if (event.data.kind === 'invalid') return { ...reply, source: '' };
  return event.data.kind === 'none' ? 'not for the sender' : { ...reply, data: { to: event.id } };
});

export const once = defineFunction.cloudEvent((ctx, event) => {
  runs += 1;
  note(ctx, event.id);
  return { specversion: '1.0', type: 'com.example.run', data: runs };
});

export function seen(): object {
  return Object.fromEntries(seenBy);
}
