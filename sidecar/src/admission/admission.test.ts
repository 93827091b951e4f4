import { expect, it } from 'vitest';
import { NO_BODY } from '../ingress/http-body.ts';
import { type Admitted, Invocation, type Loaded } from '../layer.ts';
import { Admission } from './admission.ts';

function loaded(): Loaded {
  const invocation = new Invocation({
    id: 'i',
    target: { kind: 'event', function: 'f', contentType: '' },
    body: NO_BODY,
  });
  return { invocation, function: { name: 'f', concurrency: 5 } } as unknown as Loaded;
}

function admitted(admission: Admission): Admitted {
  const result = admission.admit(loaded());
  if (result instanceof Promise) throw new Error('there should be a place');
  return result;
}

/** What is said to be in flight when the function process says that it has so many. */
function inFlightWith(admission: Admission, held: number): number | undefined {
  return admission.loads(admission.sent(), new Map([['f', held]]))[0]?.inFlight;
}

it('a call that goes alone may be on its way: it is in flight when the function process has it, or has said so', () => {
  const admission = new Admission(10);
  const { place } = admitted(admission);
  place.sent(true);
  expect([inFlightWith(admission, 0), inFlightWith(admission, 1)]).toEqual([0, 1]);
  place.started();
  expect(inFlightWith(admission, 0)).toBe(1); // it had it: that the figures differ is not hidden
  place.over();
  expect(inFlightWith(admission, 0)).toBe(0);
});

it('a call on the batched stream is in flight since it was sent', () => {
  const admission = new Admission(10);
  admitted(admission).place.sent();
  expect(inFlightWith(admission, 0)).toBe(1);
});
