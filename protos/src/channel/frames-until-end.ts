import { BottleError, Code } from '../errors.ts';

/** What the frames of a request have that says where it ends. */
interface EndingFrame {
  end?: boolean;
  marksEnd?: boolean;
}

/**
 * The frames of a request up to its end. A stream that just stops is no end where the first frame says that the end is
 * marked: a gRPC client that gives a call up, or loses its process, may seem to close it properly first. Throws CANCELLED
 * then.
 */
export async function* framesUntilEnd<Frame extends EndingFrame>(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let marksEnd = false;
  for await (const frame of frames) {
    if (frame.end) return;
    if (frame.marksEnd) marksEnd = true;
    yield frame;
  }
  if (marksEnd) throw new BottleError(Code.CANCELLED, 'cancelled', 'the request broke off before its end');
}
