import { BottleError, bottle, defineFunction, type ServerStreamClient, type UnaryMethodClient } from 'bottle-sdk';

interface Depot {
  facts: UnaryMethodClient<object, Record<string, unknown>>;
  act: UnaryMethodClient<{ what: string }, Record<string, unknown>>;
  list: ServerStreamClient<object, { itemId: string }>;
}

const depot = () =>
  bottle.rpc.proto<Depot>('depot', {
    file: new URL('../../rpc/protos/depot.proto', import.meta.url),
    service: 'depot.v1.Depot',
  });

/** Calls another pod's gRPC method; what it fails with becomes a part of the answer. */
export const ask = defineFunction.http<{ what?: string }>(async (ctx, { what }) => {
  const seen: Record<string, unknown> = {};
  const options = {
    metadata: { 'x-from': 'ask' },
    onMetadata: (head: ReadonlyMap<string, unknown>) => (seen['head'] = head.get('x-head')),
    onTrailer: (trailer: ReadonlyMap<string, unknown>) => (seen['trailer'] = trailer.get('x-tail')),
  };
  try {
    const answer = await (what === undefined ? depot().facts({}, options) : depot().act({ what }, options));
    return { own: { traceparent: ctx.traceparent }, answer, seen };
  } catch (error) {
    const { code, reason, message, details } = BottleError.from(error);
    return { code, reason, message, details };
  }
});

/** The ids of another pod's stream. */
export const list = defineFunction.http<object>(async (_ctx, request) => {
  const ids: string[] = [];
  for await (const { itemId } of depot().list(request)) ids.push(itemId);
  return ids;
});
