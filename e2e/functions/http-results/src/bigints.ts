import { bottle, type CloudEvent, defineFunction } from 'bottle-sdk';

const BIG = 9007199254740993n;

const ANSWERS: Record<string, () => unknown> = {
  alone: () => BIG,
  nested: () => ({ offset: BIG, list: [1n, { deep: -BIG }], text: 'ü' }),
  lines: async function* () {
    yield { id: BIG };
    yield { id: 2n };
  },
  events: async function* () {
    yield { id: '1', data: { id: BIG } };
  },
};
const TYPES: Record<string, string> = { lines: 'application/x-ndjson', events: 'text/event-stream' };

export const answer = defineFunction.http((ctx) => {
  const kind = ctx.params['kind'] ?? '';
  if (TYPES[kind] !== undefined) ctx.type = TYPES[kind];
  return ANSWERS[kind]?.();
});
/** Answers with the text of what it got, so that a caller sees the digits. */
export const event = defineFunction.event((ctx) => ({ id: BIG, got: Buffer.from(ctx.originEvent).toString() }));
export const caller = defineFunction.http(
  async () => (await bottle.rpc.invoke<{ got: string }>('bigintEvent', { id: BIG })).got,
);
export const cloudEvent = defineFunction.cloudEvent(
  (): CloudEvent => ({ specversion: '1.0', type: 'big.answered', source: '/big', id: '1', data: { id: BIG } }),
);
