import { overloaded, type WaitingLine, type Work } from '@bottle/protos';
import { errorOfCancel, type Loaded } from './layer.ts';

export interface WaitOptions<Place> {
  line: WaitingLine;
  loaded: Loaded;
  work: Work;
  /** Takes the place, in the moment in which it is granted. */
  take(): Place | Promise<Place>;
  /** What is in the way, for people. */
  explain(): string;
}

/** Waits for a place in a line. Throws BottleError `overloaded` when it could not be done in time, at once or as soon as that shows. */
export async function waitForPlace<Place>(options: WaitOptions<Place>): Promise<Place> {
  const { line, loaded, work, take, explain } = options;
  const { invocation, loadedBody } = loaded;
  const now = performance.now();
  const taken = await new Promise<{ place: Place | Promise<Place> } | undefined>((resolve) => {
    const waiter = {
      places: invocation.places,
      bytes: loadedBody.kind === 'bytes' ? loadedBody.bytes.length : 0,
      deadlineAt: now + invocation.remainingMs,
      grant: () => resolve({ place: take() }),
      refuse: () => resolve(undefined),
    };
    if (!line.join(waiter, work, now)) return resolve(undefined);
    invocation.onCancel = () => {
      line.leave(waiter);
      resolve(undefined);
    };
  });
  invocation.onCancel = undefined;
  if (taken) return taken.place;
  const { cancelled } = invocation;
  throw cancelled && cancelled !== 'deadline' ? errorOfCancel(cancelled) : overloaded(explain());
}
