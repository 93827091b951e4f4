// The thread that looks at another one's event loop from outside. It counts its own looks, not the clock: a process that was
// suspended as a whole is not a long turn.
import { Session } from 'node:inspector';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

interface CallFrame {
  functionName: string;
  location: { scriptId: string; lineNumber: number; columnNumber?: number };
}

const LOOK_MS = 10;
/** How long the stack may take to arrive: code in native functions answers when it comes back. */
const STACK_TIMEOUT_MS = 2_000;

const { beats, longMs } = workerData as { beats: Int32Array; longMs: number };
let lastBeat = Atomics.load(beats, 0);
let stillMs = 0;
for (;;) {
  await delay(LOOK_MS);
  const beat = Atomics.load(beats, 0);
  stillMs = beat === lastBeat ? stillMs + LOOK_MS : 0;
  lastBeat = beat;
  if (beat === 0 || stillMs < longMs) continue;
  const stack = await Promise.race([stackOfMainThread(), delay(STACK_TIMEOUT_MS, [] as string[])]);
  parentPort?.postMessage(stack, []);
  while (Atomics.load(beats, 0) === beat) await delay(LOOK_MS);
  stillMs = 0;
}

/** Pauses the main thread through the inspector, reads where it stands, and lets it go on. */
function stackOfMainThread(): Promise<string[]> {
  return new Promise((resolve) => {
    const session = new Session();
    session.connectToMainThread();
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.once('Debugger.paused', ({ params }) => {
      resolve((params.callFrames as CallFrame[]).map((frame) => describeFrame(frame, urls)));
      session.post('Debugger.resume', () => session.disconnect());
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });
}

function describeFrame({ functionName, location }: CallFrame, urls: ReadonlyMap<string, string>): string {
  const url = urls.get(location.scriptId) ?? '';
  return `${functionName || '<anonymous>'} (${url}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1})`;
}
