import { expect, it } from 'vitest';
import { examinable } from './examinable.ts';

const fail = (): never => {
  throw new Error('trap');
};
const withGetter = (name: string): Error => Object.defineProperty(new Error('x'), name, { get: fail });

it.each<[string, unknown]>([
  ['a proxy', new Proxy({}, { getPrototypeOf: fail })],
  ['a revoked proxy', revoked()],
  ['an error with a message that throws', withGetter('message')],
  ['one as a cause', new Error('x', { cause: withGetter('stack') })],
  ['one among several', new AggregateError([withGetter('code')])],
])('gives an error in place of what throws when it is looked at: %s', (_, thrown) => {
  expect(examinable(thrown)).toEqual(new TypeError('what was thrown cannot be examined: it throws itself'));
});

it('leaves everything else as it is, be it without an end', () => {
  const [first, second] = [new Error('first'), new Error('second')];
  first.cause = second;
  second.cause = first;
  for (const thrown of [undefined, null, 'text', 0n, Object.freeze(new Error('frozen')), first]) {
    expect(examinable(thrown)).toBe(thrown);
  }
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
