import { bottle, CallError, Code, defineFunction, type FaaSContext, type FaaSHttpContext } from 'bottle-sdk';

/** What no client may see. */
const INSIDE = 'inside words of 10.1.2.3:3306';

interface Wish {
  /** `<reason>.<code>` */
  reason: string;
}

/** Where each kind of trigger has it. */
function wishOf(ctx: FaaSContext, event: unknown): string {
  switch (ctx.trigger) {
    case 'http':
      return (ctx as FaaSHttpContext).params['reason'] ?? '';
    case 'mq':
      return (event as { value: Wish }).value.reason;
    case 'timer':
      return (event as { payload?: Wish }).payload?.reason ?? '';
    case 'cloudevent':
      return (event as { data: Wish }).data.reason;
    default:
      return (event as Wish).reason;
  }
}

/** Fails as a bottle call does that is refused so. */
export function fail(ctx: FaaSContext, event: unknown): object {
  const [reason = '', code = ''] = wishOf(ctx, event).split('.');
  if (reason === '') return {}; // a tick of its own
  const details = { resource: 'db.inside', operation: 'inside', driverCode: 'ER_INSIDE', outcome: 'not-done' };
  throw new CallError(Code[code as Code], reason, INSIDE, { details });
}

/** Has the other function do it, and does not catch what becomes of that. */
export const ask = defineFunction.http(({ params }) =>
  bottle.rpc.invoke(params['of'] ?? '', { reason: params['reason'] }),
);

export const publish = defineFunction.http<Wish[]>(async (_ctx, wishes) => {
  await bottle.mq('queue').publishMany(
    'failing',
    wishes.map((value) => ({ value })),
  );
});
